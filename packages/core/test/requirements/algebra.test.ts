import { describe, expect, it } from 'vitest';
import { DAEMON, OTHER_TENANT, SPA, TENANT } from '../../../../test/support/forger.js';
import {
  allOf,
  anyOf,
  anyScope,
  appOnly,
  appPermissions,
  authContext,
  authenticated,
  check,
  clients,
  type Duration,
  inTenants,
  members,
  type Requirement,
  requirementFromJSON,
  scopes,
  signedInWithin,
  userRoles,
} from '../../src/index.js';
import { configurationSentence } from '../refusals.js';

// All requirements are built inside the tests: where a builder goes wrong, its row fails and not the whole file.

const mine = (): boolean => true;
const notMine = (): boolean => false;

describe('what is put together', () => {
  it.each<[string, () => Requirement, string]>([
    [
      'two choices of scopes stay two',
      () => allOf(anyScope('A', 'B'), anyScope('C', 'D')),
      "allOf(anyScope('A', 'B'), anyScope('C', 'D'))",
    ],
    [
      'two lists of clients leave the common ones',
      () => allOf(scopes('A'), clients(SPA, DAEMON), clients(DAEMON)),
      `allOf(clients('${DAEMON}'), scopes('A'))`,
    ],
    [
      'with appOnly() only what apps can take is left',
      () => allOf(anyOf(scopes('A'), appPermissions('B')), appOnly()),
      "allOf(appOnly(), appPermissions('B'))",
    ],
    [
      'conditions that are left of alternatives join the others',
      () => allOf(userRoles('A'), anyOf(appPermissions('X'), allOf(userRoles('B'), clients(SPA)))),
      `allOf(clients('${SPA}'), userRoles('A', 'B'))`,
    ],
    [
      'what no caller can take goes from every branch',
      () =>
        allOf(
          scopes('A'),
          anyOf(
            allOf(anyOf(appPermissions('X'), userRoles('B')), authenticated(), inTenants(TENANT)),
            allOf(anyOf(appPermissions('Y'), userRoles('C')), authenticated(), inTenants(TENANT)),
          ),
        ),
      `allOf(anyOf(allOf(inTenants('${TENANT}'), userRoles('B')), allOf(inTenants('${TENANT}'), userRoles('C'))), scopes('A'))`,
    ],
    [
      'so does a branch that another one has come to cover',
      () =>
        allOf(
          scopes('A'),
          anyOf(userRoles('B'), allOf(anyOf(appPermissions('X'), userRoles('B')), inTenants(TENANT))),
        ),
      "allOf(scopes('A'), userRoles('B'))",
    ],
  ])('%s', (_, build, printed) => {
    expect(String(build())).toBe(printed);
  });

  it('differs if only a check within an alternative differs', () => {
    const either = (own: () => boolean): Requirement =>
      anyOf(allOf(scopes('A'), check('owns order', own)), appPermissions('B'));
    expect(either(mine).equals(either(mine))).toBe(true);
    expect(either(mine).equals(either(notMine))).toBe(false);
  });
});

describe('what no token can satisfy is shown', () => {
  it.each<[string, () => Requirement, string]>([
    [
      'without brackets that mean nothing',
      () => allOf(allOf(scopes('A'), members()), appPermissions('B')),
      "allOf(appPermissions('B'), members(), scopes('A')) can't be satisfied",
    ],
    [
      'with its alternatives',
      () => allOf(anyOf(scopes('A'), userRoles('B')), appOnly()),
      "allOf(anyOf(scopes('A'), userRoles('B')), appOnly()) can't be satisfied",
    ],
  ])('%s', (_, build, shown) => {
    expect(configurationSentence(build)).toContain(shown);
  });
});

describe('a branch is pointless only if another surely grants all that it does', () => {
  const narrowed = (grant: Parameters<typeof allOf>[0]) => allOf(grant, clients(SPA));
  const narrower = (grant: Parameters<typeof allOf>[0]) => allOf(grant, clients(SPA), members());

  it.each<[string, () => Requirement]>([
    ['the same, narrowed once more', () => anyOf(narrowed(scopes('A')), narrower(scopes('A')))],
    ['more scopes', () => anyOf(narrowed(scopes('A')), narrower(scopes('A', 'B')))],
    ['one scope of a choice', () => anyOf(narrowed(anyScope('A', 'B')), narrower(scopes('A', 'C')))],
    ['a smaller choice', () => anyOf(narrowed(anyScope('A', 'B', 'C')), narrower(anyScope('A', 'B')))],
    [
      'authenticated() narrowed, next to authenticated()',
      () => anyOf(authenticated(), allOf(authenticated(), clients(DAEMON))),
    ],
  ])('%s', (_, build) => {
    expect(configurationSentence(build)).toContain('already grants');
  });

  it.each<[string, () => Requirement]>([
    ['fewer scopes', () => anyOf(narrowed(scopes('A', 'B')), narrower(scopes('A')))],
    ['a choice, where one of it is needed', () => anyOf(narrowed(scopes('A')), narrower(anyScope('A', 'B')))],
    [
      'a choice that only overlaps',
      () => anyOf(narrowed(anyScope('A', 'B', 'C')), narrower(anyScope('A', 'D'))),
    ],
    ['no scope of the choice', () => anyOf(narrowed(anyScope('A', 'B')), narrower(scopes('C')))],
    ['another tenant', () => anyOf(narrowed(scopes('A')), allOf(scopes('A'), inTenants(OTHER_TENANT)))],
  ])('and not: %s', (_, build) => {
    expect(build).not.toThrow();
  });
});

describe('names and durations are read whole', () => {
  it.each(['c1', 'c42', 'c99'])('authContext(%j)', (id) => {
    expect(String(authContext(id))).toBe(`authContext('${id}')`);
  });

  it.each(['1s', '8h', '15m', '500s', '90000m'] as const)('signedInWithin(%j)', (duration) => {
    const [count, unit] = [Number.parseInt(duration, 10), duration.at(-1)];
    const seconds = count * (unit === 's' ? 1 : unit === 'm' ? 60 : 3600);
    expect(signedInWithin(duration).node).toEqual({ kind: 'signedInWithin', seconds });
  });

  it.each<[string, () => unknown]>([
    ['xc1', () => authContext('xc1')],
    ['c1x', () => authContext('c1x')],
    ['an array of 1', () => authContext(['c1'] as unknown as string)],
  ])('and %s is refused', (shown, build) => {
    expect(configurationSentence(build)).toContain(`was given ${shown}`);
  });

  it('a number of seconds', () => {
    expect(String(signedInWithin(900))).toBe("signedInWithin('15m')");
  });

  it.each<[string, unknown]>([
    ['15m ago', '15m ago'],
    ['in 15m', 'in 15m'],
    ['an array of 1', ['15m']],
  ])('and signedInWithin(%s) is refused', (shown, duration) => {
    expect(configurationSentence(() => signedInWithin(duration as Duration))).toContain(
      `signedInWithin(...) is ${shown}, which is not a duration`,
    );
  });
});

describe('a permission by its full name', () => {
  it('is refused as a scope, with the short name', () => {
    const sentence = configurationSentence(() => anyScope('https://api.contoso.example/Orders.Read'));
    expect(sentence).toContain("A token's scp holds the short name");
    expect(sentence).toContain("anyScope('Orders.Read')");
  });

  it('is refused as a role, with the bare value', () => {
    const sentence = configurationSentence(() => appPermissions('api://orders/Orders.Read.All'));
    expect(sentence).toContain("A token's roles hold the bare value");
    expect(sentence).toContain("appPermissions('Orders.Read.All')");
  });

  it('is told from a role with a slash in its name', () => {
    expect(String(userRoles('Orders/.default'))).toBe("userRoles('Orders/.default')");
  });
});

describe('options', () => {
  it('are read', () => {
    expect(String(members({ unknown: 'allow' }))).toBe("members({ unknown: 'allow' })");
  });

  it('that are null are refused', () => {
    const build = () => members(null as unknown as Parameters<typeof members>[0]);
    expect(configurationSentence(build)).toContain('members() was given null');
  });
});

describe("a requirement's JSON", () => {
  it('with undefined in it is refused', () => {
    expect(configurationSentence(() => requirementFromJSON({ requirement: undefined }))).toContain(
      "not a requirement's JSON",
    );
  });
});
