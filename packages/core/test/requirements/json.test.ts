import { describe, expect, it } from 'vitest';
import { DAEMON, SPA, TENANT } from '../../../../test/support/forger.js';
import {
  allOf,
  anonymous,
  anyAppPermission,
  anyOf,
  anyScope,
  anyUserRole,
  appOnly,
  appPermissions,
  authContext,
  authenticated,
  check,
  clients,
  delegated,
  inAnyGroup,
  inGroups,
  inTenants,
  members,
  noAgents,
  type Requirement,
  requirementFromJSON,
  scopes,
  signedInWithin,
  tighten,
  userRoles,
  withoutUserRoles,
} from '../../src/index.js';
import { configurationSentence } from '../refusals.js';

const mine = (): boolean => true;
const checks = { 'owns order': mine };
const readAgain = (text: string): Requirement => requirementFromJSON(JSON.parse(text), { checks });

describe('what JSON.stringify writes is read again as the same requirement', () => {
  it.each<[Requirement]>([
    [scopes('A', 'B')],
    [anyScope('A', 'B')],
    [appPermissions('A')],
    [anyAppPermission('A', 'B')],
    [userRoles("O'Neill.Admin")],
    [anyUserRole('A', 'B')],
    [authenticated()],
    [authenticated({ unassignedApps: true })],
    [anonymous().because('health probe')],
    [delegated()],
    [appOnly()],
    [clients(SPA, DAEMON)],
    [inTenants(TENANT)],
    [members()],
    [members({ unknown: 'allow' })],
    [noAgents()],
    [noAgents({ unknown: 'allow' })],
    [authContext('c99')],
    [signedInWithin('90s')],
    [signedInWithin('8h')],
    [signedInWithin('11d')],
    // In seconds a number of seven digits, and of thirteen.
    [signedInWithin('30d')],
    [signedInWithin('99999999d')],
    [inGroups(TENANT, SPA)],
    [inAnyGroup(TENANT, SPA)],
    [withoutUserRoles("O'Neill.Admin", 'A')],
    [tighten(scopes('A'), allOf(scopes('A'), check('owns order', mine)), { until: new Date('2030-01-31') })],
    // A year of six digits.
    [anyOf(tighten(scopes('A'), scopes('A', 'B'), { until: 8.64e15 }), appPermissions('C'))],
    [check('owns order', mine)],
    [check('owns order', mine, { otherwise: 'not-found' })],
    [
      anyOf(
        allOf(
          scopes('A'),
          userRoles('Admin'),
          clients(SPA),
          check('owns order', mine),
          members({ unknown: 'allow' }),
        ),
        allOf(anyOf(scopes('B'), anyAppPermission('C', 'D')), inTenants(TENANT)),
      )
        .because('support')
        .because('nightly report'),
    ],
  ])('%s', (requirement) => {
    const again = readAgain(JSON.stringify(requirement));
    expect(again.equals(requirement)).toBe(true);
    expect(String(again)).toBe(String(requirement));
    expect(again.role).toBe(requirement.role);
    expect(again.reasons).toEqual(requirement.reasons);
    expect(JSON.stringify(again)).toBe(JSON.stringify(requirement));
  });

  it("without a check's function, which is looked up by its name", () => {
    const text = JSON.stringify(allOf(scopes('A'), check('owns order', mine)));
    expect(JSON.parse(text)).toEqual({
      requirement: {
        kind: 'allOf',
        of: [
          { kind: 'check', name: 'owns order', otherwise: 'forbidden' },
          { kind: 'scopes', values: ['A'] },
        ],
      },
    });
    expect(readAgain(text).equals(allOf(scopes('A'), check('owns order', mine)))).toBe(true);
    expect(
      readAgain(text).equals(
        allOf(
          scopes('A'),
          check('owns order', () => true),
        ),
      ),
    ).toBe(false);
  });
});

describe('what no builder would take is refused', () => {
  const none = "not a requirement's JSON";
  it.each<[string, unknown, string]>([
    ['nothing', undefined, none],
    ['null', null, none],
    ['a string', "scopes('A')", none],
    ['a list', [scopes('A').toJSON()], none],
    ['an object of another kind', { scopes: ['A'] }, none],
    ['no requirement in it', { requirement: null }, none],
    ['the inner part alone', { kind: 'scopes', values: ['A'] }, none],
    ['an unknown kind', { requirement: { kind: 'roles', values: ['A'] } }, none],
    ['no kind', { requirement: { values: ['A'] } }, none],
    ['a kind of every object', { requirement: { kind: 'constructor' } }, none],
    ['a kind of every prototype', { requirement: { kind: '__proto__' } }, none],
    ['the builder of another kind', { requirement: { kind: 'assertRequirement' } }, none],
    ['no values', { requirement: { kind: 'scopes' } }, 'scopes() was given nothing'],
    [
      'values in a string',
      { requirement: { kind: 'scopes', values: 'A' } },
      "values of 'scopes' is 'A' and not",
    ],
    [
      'a value that is not a string',
      { requirement: { kind: 'appPermissions', values: [1] } },
      'is 1 and not',
    ],
    ['a wildcard', { requirement: { kind: 'userRoles', values: ['*'] } }, 'no wildcards'],
    ['an empty anyOf', { requirement: { kind: 'anyOf', of: [] } }, 'anyOf() was given nothing'],
    ['an anyOf of text', { requirement: { kind: 'anyOf', of: 'A' } }, "of of 'anyOf' is 'A' and not"],
    ['an allOf of a string', { requirement: { kind: 'allOf', of: ['A'] } }, none],
    ['a narrowing in anyOf', { requirement: { kind: 'anyOf', of: [{ kind: 'members' }] } }, 'only narrows'],
    [
      'anonymous in anyOf',
      { requirement: { kind: 'anyOf', of: [{ kind: 'anonymous' }] } },
      'to every caller',
    ],
    ['only narrowings', { requirement: { kind: 'allOf', of: [{ kind: 'members' }] } }, 'grants nothing'],
    ['an answer for unknown facts that is none', { requirement: { kind: 'members', unknown: 'yes' } }, 'yes'],
    ['a number for unknown facts', { requirement: { kind: 'members', unknown: 1 } }, 'is 1 and not a string'],
    ['c0', { requirement: { kind: 'authContext', id: 'c0' } }, 'c1 to c99'],
    ['no ID', { requirement: { kind: 'authContext' } }, 'c1 to c99'],
    ['no time', { requirement: { kind: 'signedInWithin' } }, 'is undefined and not a number'],
    ['no time left', { requirement: { kind: 'signedInWithin', seconds: 0 } }, 'is 0, which is too short'],
    [
      'a time in words',
      { requirement: { kind: 'signedInWithin', seconds: '60' } },
      "is '60' and not a number",
    ],
    ['reasons in a string', { requirement: { kind: 'anonymous' }, because: 'probes' }, "is 'probes' and not"],
    ['a reason that is none', { requirement: { kind: 'anonymous' }, because: [''] }, 'needs a reason'],
    [
      'a check that was not passed',
      { requirement: { kind: 'check', name: 'is friend' } },
      "check('is friend')",
    ],
    ['a check every object has', { requirement: { kind: 'check', name: 'toString' } }, "check('toString')"],
    ['a check without a name', { requirement: { kind: 'check' } }, 'no function of that name'],
  ])('%s', (_, json, keyWords) => {
    expect(configurationSentence(() => requirementFromJSON(json, { checks }))).toContain(keyWords);
  });

  it('and without any checks, every check', () => {
    const json = JSON.parse(JSON.stringify(allOf(scopes('A'), check('owns order', mine))));
    expect(configurationSentence(() => requirementFromJSON(json))).toContain("check('owns order')");
  });

  it.each([['true'], [1], [null]])(
    'and %j in the place of true, for apps without a role',
    (unassignedApps) => {
      const json = { requirement: { kind: 'authenticated', unassignedApps } };
      expect(configurationSentence(() => requirementFromJSON(json))).toContain('and not true or false');
    },
  );

  it('but not what says the default by leaving it out', () => {
    expect(String(requirementFromJSON({ requirement: { kind: 'noAgents' } }))).toBe('noAgents()');
    expect(String(requirementFromJSON({ requirement: { kind: 'authenticated' } }))).toBe('authenticated()');
  });

  it('and JSON that is nested until the stack is full', () => {
    let node: unknown = { kind: 'scopes', values: ['A'] };
    for (let depth = 0; depth < 100_000; depth++) node = { kind: 'anyOf', of: [node] };
    expect(configurationSentence(() => requirementFromJSON({ requirement: node }))).toContain(
      'deeper than 32',
    );
  });
});

describe('a member that is unknown or misspelt is refused, so that nothing is dropped silently', () => {
  it.each<[string, unknown, string]>([
    [
      'of the document',
      { requirement: { kind: 'anonymous' }, becuase: ['probes'] },
      "Did you mean 'because'?",
    ],
    ['a list of values', { requirement: { kind: 'scopes', value: ['A'] } }, "Did you mean 'values'?"],
    [
      'what to do where the token does not say',
      { requirement: { kind: 'members', unknwon: 'allow' } },
      "Did you mean 'unknown'?",
    ],
    [
      'a narrowing of another kind',
      { requirement: { kind: 'scopes', values: ['A'], unknown: 'deny' } },
      'Known: kind, values.',
    ],
    [
      'the parts of a combination',
      { requirement: { kind: 'allOf', off: [{ kind: 'scopes', values: ['A'] }] } },
      "Did you mean 'of'?",
    ],
    [
      'of a part, at any depth',
      { requirement: { kind: 'anyOf', of: [{ kind: 'scopes', values: ['A'], because: 'x' }] } },
      "called 'because'",
    ],
    [
      'how a check refuses',
      { requirement: { kind: 'check', name: 'owns order', otherwize: 'not-found' } },
      "Did you mean 'otherwise'?",
    ],
  ])('%s', (_, json, keyWords) => {
    expect(configurationSentence(() => requirementFromJSON(json, { checks }))).toContain(keyWords);
  });

  it('and so is another word for how a check refuses', () => {
    const json = { requirement: { kind: 'check', name: 'owns order', otherwise: 'hidden' } };
    expect(configurationSentence(() => requirementFromJSON(json, { checks }))).toContain('otherwise: hidden');
  });
});
