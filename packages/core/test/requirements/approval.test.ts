import { describe, expect, it } from 'vitest';
import {
  type ApprovalOptions,
  allOf,
  anyOf,
  appPermissions,
  approval,
  authorize,
  check,
  evaluate,
  type Grant,
  limit,
  parseRequirement,
  requirementFromJSON,
  scopes,
  tighten,
  userRoles,
  whenAgent,
} from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const write = scopes('Payments.Write');
const manager = userRoles('Payments.Approver');
const of = (request: { readonly body: object }) => request.body;
const release = approval('payments.release', { of });

describe('approval', () => {
  it.each<[string, ApprovalOptions, string]>([
    ['payments.release', {}, "approval('payments.release')"],
    ['payments.release', { validFor: 600 }, "approval('payments.release')"],
    ['pay & go', { validFor: '1h' }, "approval('pay & go', { validFor: '1h' })"],
    ['__proto__', { by: manager }, "approval('__proto__', { by: userRoles('Payments.Approver') })"],
    [
      'pay',
      { validFor: '90s', by: anyOf(allOf(manager, write), userRoles('Root')), self: true },
      "approval('pay', { validFor: '90s', by: anyOf(allOf(scopes('Payments.Write'), userRoles('Payments.Approver')), userRoles('Root')), self: true })",
    ],
    ['pay', { by: manager, self: false }, "approval('pay', { by: userRoles('Payments.Approver') })"],
  ])('%s with %o is read as it is written', (operation, options, text) => {
    const made = approval(operation, options);
    expect(String(made)).toBe(text);
    const parsed = parseRequirement(`allOf(scopes('Payments.Write'), ${text})`);
    expect(parsed.equals(allOf(write, made))).toBe(true);
    expect(requirementFromJSON(JSON.parse(JSON.stringify(made))).equals(made)).toBe(true);
    const agents = whenAgent(made);
    expect(requirementFromJSON(JSON.parse(JSON.stringify(agents))).equals(agents)).toBe(true);
    expect(String(parseRequirement(String(allOf(write, agents))))).toBe(String(allOf(write, agents)));
  });

  it('that says what is approved needs its function again, also from JSON', () => {
    expect(String(release)).toBe("approval('payments.release', { of })");
    expect(configurationSentence(() => parseRequirement(String(release)))).toContain("Expected ':' after of");
    const json = JSON.parse(JSON.stringify(release));
    expect(json.requirement).toEqual({
      kind: 'approval',
      operation: 'payments.release',
      seconds: 600,
      shows: true,
    });
    expect(configurationSentence(() => requirementFromJSON(json))).toContain(
      "approval('payments.release'), and no function was given that says what is approved",
    );
    expect(configurationSentence(() => requirementFromJSON(json, { of: { other: of } }))).toContain(
      'no function',
    );
    const inherited = Object.create({ 'payments.release': of }) as object;
    expect(configurationSentence(() => requirementFromJSON(json, { of: { ...inherited } }))).toContain(
      'no function',
    );
    const again = requirementFromJSON(json, { of: { 'payments.release': of } });
    expect(again.equals(release)).toBe(true);
    expect(again.equals(approval('payments.release'))).toBe(false);
    expect(again.equals(approval('payments.release', { of: () => 1 }))).toBe(false);
  });

  it.each<[unknown, unknown, string]>([
    [undefined, {}, 'approval() was given the operation undefined.'],
    ['', {}, 'was given the operation .'],
    ["it's", {}, "was given the operation it's."],
    ['x'.repeat(81), {}, 'was given the operation xxx'],
    ['a\nb', {}, 'was given the operation'],
    ['a\ud800', {}, 'was given the operation'],
    ['pay', null, 'approval() was given null.'],
    ['pay', { off: 1 }, "approval() does not know the option 'off'."],
    ['pay', { of: { amount: 1 } }, "approval('pay') was given of: an object."],
    ['pay', { validFor: '2d' }, "approval('pay'): validFor is 2d, which is too long."],
    ['pay', { validFor: 0 }, "approval('pay'): validFor is 0, which is too short."],
    ['pay', { validFor: 600_000 }, 'a number is in seconds'],
    ['pay', { by: "userRoles('A')" }, 'approval(...): by was given the string'],
    ['pay', { by: { role: 'grant', callers: 'user', evaluable: true } }, 'instead of a requirement'],
    ['pay', { by: whenAgent(approval('x')) }, 'which does not say which users may approve'],
    [
      'pay',
      { by: appPermissions('A') },
      "by: appPermissions('A'), which does not say which users may approve",
    ],
    [
      'pay',
      {
        by: allOf(
          manager,
          check('x', () => true),
        ),
      },
      'without check(...)',
    ],
    ['pay', { by: allOf(manager, limit({ calls: 1, per: '1h' })) }, 'without check(...)'],
    ['pay', { by: allOf(manager, approval('x')) }, 'without check(...)'],
    ['pay', { by: manager, self: 'yes' }, "approval('pay') was given self: yes."],
    ['pay', { self: true }, "approval('pay') was given self: true without by."],
  ])('refuses %j with %o', (operation, options, expected) => {
    expect(configurationSentence(() => approval(operation as string, options as ApprovalOptions))).toContain(
      expected,
    );
  });

  it.each<[object, string]>([
    [{ operation: 7, seconds: 600 }, "operation of 'approval' is 7 and not a string"],
    [{ seconds: 600 }, 'was given the operation undefined'],
    [{ operation: 'x', seconds: 600, until: 1 }, "called 'until'"],
    [{ operation: 'x' }, "seconds of 'approval' is undefined and not a number"],
    [{ operation: 'x', seconds: 600, by: 'all' }, "by of 'approval' is 'all' and not a requirement's JSON"],
    [{ operation: 'x', seconds: 600, by: { requirement: { kind: 'delegated' } } }, 'which does not say'],
    [{ operation: 'x', seconds: 600, by: { requirement: { kind: 'later' } } }, "its kind is 'later'"],
  ])('is read strictly: %j', (members, expected) => {
    const json = { requirement: { kind: 'approval', ...members } };
    expect(configurationSentence(() => requirementFromJSON(json))).toContain(expected);
  });

  it('is read from text strictly', () => {
    for (const text of ["approval('x', { by: 'all' })", "approval('x', { by: delegated() })", 'approval()'])
      expect(configurationSentence(() => parseRequirement(text))).toContain('line 1, column 1');
    const deep = `${"approval('x', { by: ".repeat(40)}scopes('A')${' })'.repeat(40)}`;
    expect(configurationSentence(() => parseRequirement(deep))).toContain('more than 32 levels');
    let json: object = { kind: 'scopes', values: ['A'] };
    for (let level = 0; level < 40; level++)
      json = { kind: 'approval', operation: 'x', seconds: 1, by: { requirement: json } };
    expect(configurationSentence(() => requirementFromJSON({ requirement: json }))).toContain(
      'nested deeper',
    );
  });

  it('stands in the outermost allOf, directly or in whenAgent', () => {
    expect(String(allOf(allOf(write, release), manager))).toContain("approval('payments.release', { of })");
    expect(allOf(write, whenAgent(release)).evaluable).toBe(false);
    expect(allOf(write, manager).evaluable).toBe(true);
    expect(release.optionalClaims).toEqual(['xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct']);
  });

  it.each<[string, () => Grant]>([
    ['anyOf', () => anyOf(allOf(write, release), manager)],
    ['anyOf', () => anyOf(allOf(write, whenAgent(release)), manager)],
    ['tighten', () => tighten(write, allOf(write, release), { until: 1e13 })],
    ['tighten', () => tighten(allOf(write, release), write, { until: 1e13 })],
  ])('is refused inside %s', (inside, build) => {
    expect(configurationSentence(build)).toContain(
      `${inside}(...) holds approval('payments.release', { of }), which is used up by a call and has to stand outside of it.`,
    );
  });

  it('is asked for once by a requirement', () => {
    const other = approval('payments.refund');
    for (const build of [
      () => allOf(write, release, other),
      () => allOf(allOf(write, release), whenAgent(other)),
    ])
      expect(configurationSentence(build)).toContain('and a call uses one approval up');
    expect(String(allOf(write, other, other))).toBe(
      "allOf(approval('payments.refund'), scopes('Payments.Write'))",
    );
  });

  it('is never judged without a guard, which has the approvals', async () => {
    const needing = allOf(write, release);
    const ada = user({ scp: 'Payments.Write' });
    expect(configurationSentence(() => evaluate(needing, ada))).toContain('a check, a limit or an approval');
    const error = await refusalOf(authorize(needing, ada));
    expect(error).toMatchObject({ code: 'configuration_invalid' });
    expect(error.message).toContain('whose approval(...) only a guard can judge');
  });

  it('is not reached by a caller who lacks something else, and where no person could approve', () => {
    expect(evaluate(allOf(write, release), user({ scp: 'Other' }))).toMatchObject({ code: 'scope_missing' });
    const app = allOf(appPermissions('Pay.All'), release);
    expect(evaluate(app, daemon({ roles: ['Pay.All'] }))).toMatchObject({
      code: 'caller_kind_not_allowed',
      missing: ['a person who could approve'],
    });
    const agentUser = user({ scp: 'Payments.Write', xms_act_fct: '11', xms_sub_fct: '13' });
    expect(evaluate(allOf(write, release), agentUser)).toMatchObject({ code: 'agent_not_allowed' });
    const byManagers = approval('pay', { of, by: manager });
    for (const [requirement, caller] of [
      [allOf(appPermissions('Pay.All'), byManagers), daemon({ roles: ['Pay.All'] })],
      [allOf(write, byManagers), agentUser],
    ] as const)
      expect(configurationSentence(() => evaluate(requirement, caller))).toContain('has to be run');
  });
});
