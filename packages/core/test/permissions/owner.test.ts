import {
  createGuard,
  type DecisionEvent,
  type GuardOptions,
  type LogEntry,
  onEvent,
  type RequestLike,
} from '@entra-guard/core';
import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { forged, signed, userClaims } from '../../../../test/support/forger.js';
import { orders } from '../../../../test/support/orders.js';
import { refusalOf } from '../refusals.js';

const bearing = (token: string): RequestLike => ({
  headers: new Headers({ Authorization: `Bearer ${token}` }),
});

function watched(changes: Partial<GuardOptions> = {}) {
  const events: DecisionEvent[] = [];
  const log: LogEntry[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
  const guard = createGuard({ ...contoso({ log: (entry) => log.push(entry) }), ...changes } as GuardOptions);
  return { guard, events, log };
}

describe('the owner of a catalogue', () => {
  it('is in the events of what it is asked for, with the reason', async () => {
    const { guard, events } = watched();
    await guard.require(bearing(signed(userClaims())), orders.scopes('Orders.Read'));
    expect(events).toMatchObject([
      {
        outcome: 'allow',
        owner: orders.catalogue.owner,
        reasons: ['The web shop shows them.'],
        requirement: "scopes('Orders.Read')",
      },
    ]);
  });

  it('is in the log of refusals: who is woken, before whom one writes to', async () => {
    const { guard, events, log } = watched();
    await refusalOf(guard.require(bearing(forged(userClaims())), orders.scopes('Orders.Read')));
    expect(log[0]?.owner).toBe('Orders (orders-oncall@contoso.example)');
    expect(events[0]?.owner).toBe(orders.catalogue.owner);
  });

  it('gives way to the one that the guard was told', async () => {
    const { guard, events, log } = watched({ owner: { team: 'Platform' } });
    await refusalOf(guard.require(bearing(forged(userClaims())), orders.scopes('Orders.Read')));
    expect(log[0]?.owner).toBe('Platform');
    expect(events[0]?.owner).toEqual({ team: 'Platform' });
  });

  it('is not there where nothing was taken from a catalogue', async () => {
    const { guard, events } = watched();
    await guard.authenticate(bearing(signed(userClaims())));
    expect(events[0]).not.toHaveProperty('owner');
  });
});
