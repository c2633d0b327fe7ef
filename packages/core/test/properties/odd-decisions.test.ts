import {
  type AuthContext,
  allOf,
  check,
  createGuard,
  type GuardOptions,
  scopes,
  type Validator,
  type ValidatorOptions,
} from '@entra-guard/core';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import {
  API,
  documents,
  NOW,
  sharedPages,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { singleTenant } from '../../../../test/support/outcome.js';

const docs = documents({ ...tenantPages(), ...sharedPages() });
const token = signed(userClaims({ scp: 'Orders.Read' }));
const request = () => ({ headers: { authorization: `Bearer ${token}` } });
const read = scopes('Orders.Read');

const looksLikeAda = { kind: 'user', tenantId: TENANT, scopes: new Set(['Orders.Read']), roles: new Set() };

/** Whatever a step may return by mistake; neither a decision nor a caller. */
const odd: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom<unknown>(undefined, null, 0, 1, Number.NaN, '', 'true', 'false', [], [true], Symbol('ok')),
  fc.constantFrom<unknown>({}, { granted: true }, { ok: 1 }, looksLikeAda, () => true, class {}, new Map()),
  fc.constantFrom<unknown>(new Boolean(true), new Proxy({}, { get: () => true, has: () => true })),
  fc.anything().filter((value) => typeof value !== 'boolean'),
);

/** As it is, as a promise, as a promise of another library, or thrown. */
const given = fc
  .tuple(odd, fc.constantFrom('plain', 'promised', 'thenable', 'thrown'))
  .map(([value, how]) => () => {
    switch (how) {
      case 'promised':
        return Promise.resolve(value);
      case 'thenable':
        // biome-ignore lint/suspicious/noThenProperty: a promise of another library.
        return { then: (resolve: (value: unknown) => void) => resolve(value) };
      case 'thrown':
        throw value;
      default:
        return value;
    }
  });

type Odd = () => unknown;
const options = (changes: object): GuardOptions =>
  ({
    tenantId: TENANT,
    clientId: API,
    fetch: docs.fetch,
    now: () => NOW,
    log: false,
    ...changes,
  }) as ValidatorOptions;

const hooks: readonly [string, (hook: Odd) => () => Promise<AuthContext | undefined>][] = [
  [
    'a validator',
    (hook) => {
      const validator = Object.assign(singleTenant({}, docs), { validate: hook as Validator['validate'] });
      return () => createGuard({ validator }).authenticate(request());
    },
  ],
  [
    'tenants',
    (hook) => () => createGuard(options({ tenantId: undefined, tenants: hook })).authenticate(request()),
  ],
  ['isRevoked', (hook) => () => createGuard(options({ isRevoked: hook })).authenticate(request())],
  ['now', (hook) => () => createGuard(options({ now: () => oddTime(hook) })).require(request(), read)],
  [
    'check',
    (hook) => () => createGuard(options({})).require(request(), allOf(read, check('odd', hook as never))),
  ],
];

/** A number is a time, and an odd one is judged as that. */
function oddTime(hook: Odd): unknown {
  const value = hook();
  return typeof value === 'number' ? String(value) : value;
}

describe('what is not clearly a decision lets no caller in', () => {
  it.each(hooks)(
    'from %s',
    async (_, deciding) => {
      vi.spyOn(console, 'error').mockImplementation(() => {});
      await fc.assert(
        fc.asyncProperty(given, async (hook) => {
          const reached = await deciding(hook)().then(
            () => true,
            () => false,
          );
          expect(reached).toBe(false);
        }),
        { numRuns: 150, seed: 1602 },
      );
      vi.restoreAllMocks();
    },
    60_000,
  );

  it('and a decision does', async () => {
    for (const [name, deciding] of hooks.filter(([name]) => name !== 'a validator' && name !== 'now')) {
      expect([name, (await deciding(() => name !== 'isRevoked')())?.kind]).toEqual([name, 'user']);
    }
  });
});
