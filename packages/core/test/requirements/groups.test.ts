import { describe, expect, it } from 'vitest';
import { DAEMON, TENANT } from '../../../../test/support/forger.js';
import {
  type AuthContext,
  allOf,
  anyOf,
  appPermissions,
  authenticated,
  authorize,
  check,
  evaluate,
  type Grant,
  inAnyGroup,
  inGroups,
  scopes,
} from '../../src/index.js';
import { authorizeNow } from '../../src/requirements/authorize.js';
import { daemon, user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const [MANAGERS, PAYROLL, STAFF] = [
  'aaaaaaaa-0000-4000-8000-000000000001',
  'bbbbbbbb-0000-4000-8000-000000000002',
  'cccccccc-0000-4000-8000-000000000003',
];
const read = scopes('Orders.Read');
const inBoth = allOf(read, inGroups(MANAGERS, PAYROLL));
const inEither = allOf(read, inAnyGroup(MANAGERS, PAYROLL));
const member = (...groups: string[]): AuthContext => user({ scp: 'Orders.Read', groups });
const overage = user({ scp: 'Orders.Read', _claim_names: { groups: 'src1' } });

function verdict(requirement: Grant, auth: AuthContext, groups?: readonly string[]): string {
  const decision = evaluate(requirement, auth, groups === undefined ? {} : { groups });
  return decision.granted ? 'granted' : `${decision.code}: ${decision.missing.join('; ')}`;
}

describe('a user is let in by groups', () => {
  it.each<[string, Grant, AuthContext, string]>([
    ['who is in all of them', inBoth, member(MANAGERS, PAYROLL, STAFF), 'granted'],
    ['who is not in one of them', inBoth, member(MANAGERS), `group_missing: the group ${PAYROLL}`],
    ['who is in one of several that do', inEither, member(STAFF, PAYROLL), 'granted'],
    ['who is in none', inEither, member(STAFF), `group_missing: the group ${MANAGERS} or ${PAYROLL}`],
    ['whose token lists no group', inBoth, member(), `group_missing: the group ${MANAGERS}, ${PAYROLL}`],
    ['whose token has GUIDs in capitals', inBoth, member(MANAGERS.toUpperCase(), PAYROLL), 'granted'],
    [
      'who lacks the scope',
      inBoth,
      user({ scp: 'X', groups: [MANAGERS, PAYROLL] }),
      'scope_missing: scope Orders.Read',
    ],
  ])('%s', (_, requirement, auth, expected) => {
    expect(verdict(requirement, auth)).toBe(expected);
  });
});

describe('a token that does not list the groups', () => {
  it('says nothing of them, which is not the same as none: refused, with the setting of the manifest', () => {
    const decision = evaluate(inBoth, user({ scp: 'Orders.Read' }));
    expect(decision).toMatchObject({
      code: 'group_missing',
      missing: ["the claim 'groups'"],
      claim: 'groups',
    });
    expect(decision).toHaveProperty('hint', expect.stringContaining('groupMembershipClaims'));
  });

  it('because they are too many is refused by a code of its own, with the three ways out', () => {
    const decision = evaluate(inBoth, overage);
    expect(decision).toMatchObject({ code: 'groups_overage', granted: false });
    for (const way of ['ApplicationGroup', 'app roles', 'groupsOf']) {
      expect(decision).toHaveProperty('hint', expect.stringContaining(way));
    }
  });

  it.each([[{ hasgroups: true }], [{ hasgroups: 'true' }], [{ _claim_names: { groups: 'src1' } }]])(
    'because they are too many is recognised: %j',
    (claims) => {
      expect(verdict(inEither, user({ scp: 'Orders.Read', ...claims }))).toMatch(/^groups_overage/);
    },
  );
});

describe('an app that acts as itself is never let in by groups', () => {
  it.each([inGroups, inAnyGroup])('%o', (build) => {
    const requirement = allOf(authenticated(), build(MANAGERS));
    const auth = daemon({ roles: ['Orders.Read.All'], groups: [MANAGERS] });
    expect(verdict(requirement, auth)).toBe('group_missing: a signed-in user');
    expect(configurationSentence(() => allOf(appPermissions('A'), build(MANAGERS)))).toContain(
      "can't be satisfied",
    );
  });
});

describe('groups that the application has resolved', () => {
  it.each<[string, readonly string[], string]>([
    ['decide', [MANAGERS, PAYROLL], 'granted'],
    ['in any case of letters', [MANAGERS.toUpperCase(), PAYROLL], 'granted'],
    ['and refuse', [STAFF], `group_missing: the group ${MANAGERS}, ${PAYROLL}`],
    ['and refuse where there are none', [], `group_missing: the group ${MANAGERS}, ${PAYROLL}`],
  ])('%s', async (_, groups, expected) => {
    expect(verdict(inBoth, overage, groups)).toBe(expected);
    const granted = await authorize(inBoth, overage, { groups }).then(
      () => true,
      () => false,
    );
    expect(granted).toBe(expected === 'granted');
  });

  it('are not looked at where the token lists groups', () => {
    expect(verdict(inBoth, member(STAFF), [MANAGERS, PAYROLL])).toMatch(/^group_missing/);
    expect(verdict(inBoth, user({ scp: 'Orders.Read' }), [MANAGERS, PAYROLL])).toMatch(/^group_missing/);
  });

  it.each([
    ['x'],
    [null],
    [{ 0: MANAGERS, length: 1 }],
    [[MANAGERS, 7]],
    [new Array(2)],
    [new Set([MANAGERS])],
  ])('are refused unless they are an array of strings: %j', async (groups) => {
    const given = groups as readonly string[];
    expect(configurationSentence(() => evaluate(inBoth, overage, { groups: given }))).toContain('groups:');
    expect((await refusalOf(authorize(inBoth, overage, { groups: given }))).code).toBe(
      'configuration_invalid',
    );
  });
});

describe('where groups can be asked for, they are asked for', () => {
  const asking = (groups: readonly string[] = [MANAGERS, PAYROLL]) => {
    const asked: AuthContext[] = [];
    const groupsOf = async (auth: AuthContext): Promise<ReadonlySet<string>> => {
      asked.push(auth);
      return new Set(groups);
    };
    return { asked, groupsOf };
  };
  const decided = async (
    requirement: Grant,
    auth: AuthContext,
    groupsOf: ReturnType<typeof asking>['groupsOf'],
  ) => {
    try {
      await authorizeNow(requirement, auth, {}, { groupsOf });
      return 'granted';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };

  it.each<[string, Grant, AuthContext, string, number]>([
    ['where they decide', inBoth, overage, 'granted', 1],
    [
      'once for several lists',
      allOf(read, inGroups(MANAGERS), inAnyGroup(PAYROLL, STAFF)),
      overage,
      'granted',
      1,
    ],
    ['and not where none is required', read, overage, 'granted', 0],
    ['and not where the token lists them', inBoth, member(MANAGERS, PAYROLL), 'granted', 0],
    ['and not where the token says nothing', inBoth, user({ scp: 'Orders.Read' }), 'group_missing', 0],
    [
      'and not where another branch lets in',
      anyOf(read, allOf(scopes('X'), inGroups(STAFF))),
      overage,
      'granted',
      0,
    ],
    ['and not where a scope is missing', allOf(scopes('X'), inGroups(MANAGERS)), overage, 'scope_missing', 0],
    ['and refuse', allOf(read, inGroups(STAFF)), overage, 'group_missing', 1],
    [
      'and let in by another branch',
      anyOf(allOf(read, inGroups(STAFF)), allOf(read, inGroups(PAYROLL))),
      overage,
      'granted',
      1,
    ],
  ])('%s', async (_, requirement, auth, expected, times) => {
    const { asked, groupsOf } = asking();
    expect([await decided(requirement, auth, groupsOf), asked.length]).toEqual([expected, times]);
    for (const one of asked) expect(one).toBe(auth);
  });

  it('before any check, which runs only when all else holds', async () => {
    const ran: string[] = [];
    const own = check('a first', () => ran.push('check') > 0);
    const { groupsOf } = asking([STAFF]);
    expect(await decided(allOf(read, own, inGroups(MANAGERS)), overage, groupsOf)).toBe('group_missing');
    expect(ran).toEqual([]);
    expect(await decided(allOf(read, own, inGroups(STAFF)), overage, groupsOf)).toBe('granted');
    expect(ran).toEqual(['check']);
  });

  it('and a failure is passed on, not taken for an answer', async () => {
    const failing = () => Promise.reject(Object.assign(new Error('down'), { code: 'hook_failed' }));
    expect(await decided(inBoth, overage, failing)).toBe('hook_failed');
  });
});

describe('groups in canonical form', () => {
  it.each<[string, Grant, string]>([
    [
      'any of one is that one',
      allOf(read, inAnyGroup(STAFF)),
      `allOf(inGroups('${STAFF}'), scopes('Orders.Read'))`,
    ],
    [
      'lists merge',
      allOf(read, inGroups(STAFF), inGroups(PAYROLL, STAFF)),
      `allOf(inGroups('${PAYROLL}', '${STAFF}'), scopes('Orders.Read'))`,
    ],
    [
      'choices stay apart',
      allOf(read, inAnyGroup(STAFF, PAYROLL), inAnyGroup(MANAGERS, PAYROLL)),
      `allOf(inAnyGroup('${MANAGERS}', '${PAYROLL}'), inAnyGroup('${PAYROLL}', '${STAFF}'), scopes('Orders.Read'))`,
    ],
  ])('%s', (_, requirement, printed) => {
    expect(String(requirement)).toBe(printed);
  });

  it.each<[string, () => unknown, string]>([
    ['a name', () => inGroups('Managers'), "definePermissions({ groups }).inGroups('Managers')"],
    ['no group', () => inAnyGroup(...([] as unknown as [string])), 'inAnyGroup() was given nothing'],
    ['a number', () => inGroups(7 as unknown as string), 'not a GUID'],
    [
      'a narrowing alone',
      () => evaluate(inGroups(TENANT) as unknown as Grant, daemon({ roles: [DAEMON] })),
      'only narrows',
    ],
  ])('%s is refused', (_, build, keyWords) => {
    expect(configurationSentence(build)).toContain(keyWords);
  });
});
