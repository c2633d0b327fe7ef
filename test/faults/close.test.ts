import { createValidator, type Validator } from '@entra-guard/core';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { API, STRANGER } from '../support/forger.js';
import { outcomeOf } from '../support/outcome.js';
import { Clock, HOUR } from './clock.js';
import { type Fault, LoopbackTenant } from './loopback-tenant.js';

let clock: Clock;
let authority: LoopbackTenant;
let before: readonly string[];

beforeEach(async () => {
  before = process.getActiveResourcesInfo();
  clock = new Clock();
  authority = await LoopbackTenant.start(clock, false);
});

afterEach(() => authority.close());

const create = (): Validator =>
  createValidator({ authority: authority.issuer, clientId: API, now: clock.now, log: false });

/** Waits until there is neither a request nor a timer. Closing them takes a few turns of the event loop. */
async function nothingLeft(): Promise<void> {
  await authority.hungUp();
  await authority.close();
  const count = (list: readonly string[]): number =>
    list.filter((one) => one === 'Timeout' || one === 'TCPSocketWrap').length;
  while (count(process.getActiveResourcesInfo()) > count(before)) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

it.each<[string, Fault, 'metadata' | 'keys']>([
  ['metadata hangs', 'hangs before headers', 'metadata'],
  ['keys hang in mid-body', 'hangs in mid-body', 'keys'],
  ['keys dribble in', 'dribbles', 'keys'],
])(
  'close() while %s answers all waiting requests at once, and leaves nothing open',
  async (_, fault, what) => {
    authority.break(fault, what);
    const validator = create();
    const waiting = Array.from({ length: 50 }, () => outcomeOf(validator, authority.token()));
    // Wait until the request that is never answered was sent.
    const expected = what === 'metadata' ? 1 : 2;
    while (authority.requests < expected) await new Promise((resolve) => setImmediate(resolve));
    validator.close();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set(['keys_unavailable']));
    expect(await outcomeOf(validator, authority.token())).toBe('keys_unavailable');
    expect(authority.requests).toBe(expected);
    validator.close();
    await nothingLeft();
  },
);

it('close() during valid tokens, junk and a background refresh does not change a decision', async () => {
  const validator = create();
  expect(await outcomeOf(validator, authority.token())).toBe('accepted');
  clock.advance(HOUR);
  authority.break('hangs before headers');
  const good = Array.from({ length: 20 }, () => outcomeOf(validator, authority.token()));
  const junk = Array.from({ length: 20 }, () => outcomeOf(validator, authority.token(STRANGER)));
  expect(new Set(await Promise.all(good))).toEqual(new Set(['accepted']));
  validator.close();
  expect(new Set(await Promise.all(junk))).toEqual(new Set(['keys_unavailable']));
  await nothingLeft();
});

it('close() of one validator does not abort a request that it shares with another validator', async () => {
  authority.break('hangs before headers', 'metadata');
  const fetching: typeof fetch = (...request) => fetch(...request);
  const make = (): Validator =>
    createValidator({
      authority: authority.issuer,
      clientId: API,
      now: clock.now,
      log: false,
      fetch: fetching,
      keys: { timeout: 0.15 },
    });
  const [first, second] = [make(), make()];
  const [one, other] = [outcomeOf(first, authority.token()), outcomeOf(second, authority.token())];
  while (authority.requests < 1) await new Promise((resolve) => setImmediate(resolve));
  first.close();
  expect(await Promise.all([one, other])).toEqual(['keys_unavailable', 'keys_unavailable']);
  expect(authority.requests).toBe(1);
  authority.break(undefined);
  clock.advance(1000);
  expect(await outcomeOf(second, authority.token())).toBe('accepted');
  second.close();
  await nothingLeft();
});
