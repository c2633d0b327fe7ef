import { describe, expect, it } from 'vitest';
import {
  allOf,
  anyOf,
  authorize,
  delegated,
  evaluate,
  type Grant,
  type LimitOptions,
  limit,
  parseRequirement,
  requirementFromJSON,
  scopes,
  tighten,
  userRoles,
  whenAgent,
} from '../../src/index.js';
import { user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const read = scopes('Orders.Read');
const hourly = limit({ calls: 100, per: '1h' });

describe('limit', () => {
  it.each<[LimitOptions, string]>([
    [{ calls: 100, per: '60m' }, "limit({ calls: 100, per: '1h' })"],
    [{ calls: 1, per: 90, by: 'caller' }, "limit({ calls: 1, per: '90s' })"],
    [{ calls: 5, per: '1d', by: 'tenant' }, "limit({ calls: 5, per: '1d', by: 'tenant' })"],
    [{ calls: 5, per: '31d', by: 'agent' }, "limit({ calls: 5, per: '31d', by: 'agent' })"],
  ])('%j is read as it is written', (options, text) => {
    expect(String(limit(options))).toBe(text);
    expect(String(parseRequirement(text))).toBe(text);
    const again = requirementFromJSON(JSON.parse(JSON.stringify(limit(options))));
    expect(again.equals(limit(options))).toBe(true);
  });

  it.each<[unknown, string]>([
    [undefined, 'limit() was given undefined.'],
    [{ per: '1h' }, 'limit() was given calls: undefined.'],
    [{ calls: 0, per: '1h' }, 'limit() was given calls: 0.'],
    [{ calls: 1.5, per: '1h' }, 'limit() was given calls: 1.5.'],
    [{ calls: '10', per: '1h' }, 'limit() was given calls: 10.'],
    [{ calls: 1_000_000_001, per: '1h' }, 'limit() was given calls: 1000000001.'],
    [
      { calls: 10 },
      "was not told in which time the calls are counted. Write: limit({ calls: 10, per: '1h' }).",
    ],
    [{ calls: 10, per: '32d' }, 'limit(...): per is 32d, which is too long.'],
    [{ calls: 10, per: 0 }, 'limit(...): per is 0, which is too short.'],
    [
      { calls: 10, per: '1h', by: 'user' },
      "limit() was given by: user. Use 'caller', 'agent', 'client' or 'tenant'.",
    ],
    [{ calls: 10, per: '1h', key: 'x' }, "limit() does not know the option 'key'."],
  ])('refuses %j', (options, expected) => {
    expect(configurationSentence(() => limit(options as LimitOptions))).toContain(expected);
  });

  it('stands in the outermost allOf, directly, nested or in whenAgent', () => {
    const nested = allOf(allOf(read, hourly), delegated(), whenAgent(limit({ calls: 1, per: '1m' })));
    expect(String(nested)).toBe(
      "allOf(delegated(), limit({ calls: 100, per: '1h' }), scopes('Orders.Read'), whenAgent(limit({ calls: 1, per: '1m' })))",
    );
  });

  it.each<[string, () => Grant]>([
    ['anyOf', () => anyOf(allOf(read, hourly), userRoles('A'))],
    ['anyOf', () => anyOf(allOf(read, whenAgent(hourly)), userRoles('A'))],
    ['tighten', () => tighten(read, allOf(read, hourly), { until: 1e13 })],
    ['tighten', () => tighten(allOf(read, hourly), read, { until: 1e13 })],
  ])('is refused inside %s', (inside, build) => {
    expect(configurationSentence(build)).toContain(
      `${inside}(...) holds limit({ calls: 100, per: '1h' }), which counts calls and has to stand outside of it.`,
    );
  });

  it('is never judged without a guard, which has the budgets', async () => {
    const limited = allOf(read, hourly);
    expect(configurationSentence(() => evaluate(limited, user({ scp: 'Orders.Read' })))).toContain(
      'which holds something that has to be run: a check, a limit or an approval.',
    );
    const error = await refusalOf(authorize(limited, user({ scp: 'Orders.Read' })));
    expect(error).toMatchObject({ code: 'configuration_invalid' });
    expect(error.message).toContain('whose limit(...) only a guard can judge');
  });

  it('is not reached by a caller who lacks something else', async () => {
    const limited = allOf(read, hourly);
    expect(evaluate(limited, user({ scp: 'Other' }))).toMatchObject({ code: 'scope_missing' });
    expect((await refusalOf(authorize(limited, user({ scp: 'Other' })))).code).toBe('scope_missing');
  });
});
