import { channel, subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { containedChannel } from '../../src/base/contained-channel.js';
import { createGuard, eventChannelName, scopes } from '../../src/index.js';
import { processFailuresDuring } from '../process-failures.js';

const bearing = { headers: { authorization: `Bearer ${signed(userClaims())}` } };
const warnings = () => vi.spyOn(process, 'emitWarning').mockImplementation(() => {});

afterEach(() => {
  vi.restoreAllMocks();
});

const broken: [string, () => unknown][] = [
  [
    'throws',
    () => {
      throw new Error('disk full');
    },
  ],
  ['rejects', () => Promise.reject(new Error('disk full'))],
  [
    'throws what is not an error',
    () => {
      throw null;
    },
  ],
];

it.each(
  broken.flatMap(([how, listener]) =>
    [eventChannelName('decision'), eventChannelName('keys')].map((name) => ({ how, listener, name })),
  ),
)(
  'a subscriber of $name that $how neither ends the process nor keeps others from hearing',
  async ({ listener, name }) => {
    const heard: unknown[] = [];
    const hear = (event: unknown): void => {
      heard.push(event);
    };
    subscribe(name, listener);
    channel(name).subscribe(hear);
    const spy = warnings();
    try {
      const failures = await processFailuresDuring(async () => {
        const guard = createGuard(contoso());
        for (let use = 0; use < 3; use++) await guard.require(bearing, scopes('Orders.Read'));
      });
      expect(failures).toEqual([]);
    } finally {
      expect(unsubscribe(name, listener)).toBe(true);
      expect(channel(name).unsubscribe(hear)).toBe(true);
    }
    expect(heard.length).toBeGreaterThan(0);
    expect(channel(name).hasSubscribers).toBe(false);
    expect(spy.mock.calls).toHaveLength(1);
    expect(String(spy.mock.calls[0]?.[0])).toContain(`A subscriber of the channel ${name} threw`);
  },
);

it('a subscriber from before the package was loaded is contained, too', async () => {
  const name = 'entra-guard:test-of-earlier-subscribers';
  const [, listener] = broken[0] as (typeof broken)[0];
  subscribe(name, listener);
  const spy = warnings();
  const shared = containedChannel(name);
  expect(containedChannel(name)).toBe(shared);
  expect(await processFailuresDuring(async () => shared.publish({}))).toEqual([]);
  expect(spy).toHaveBeenCalledTimes(1);
  expect(unsubscribe(name, listener)).toBe(true);
  expect(unsubscribe(name, listener)).toBe(false);
  expect(() => shared.subscribe('nothing' as never)).toThrow(TypeError);
});
