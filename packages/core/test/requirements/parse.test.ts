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
  clients,
  delegated,
  inAnyGroup,
  inGroups,
  inTenants,
  members,
  noAgents,
  parseRequirement,
  type Requirement,
  scopes,
  signedInWithin,
  tighten,
  userRoles,
  withoutUserRoles,
} from '../../src/index.js';
import { configurationSentence } from '../refusals.js';

describe('what is printed is read again as the same requirement', () => {
  it.each<[Requirement]>([
    [scopes('A', 'B')],
    [anyScope('A', 'B')],
    [appPermissions('A')],
    [anyAppPermission('A', 'B')],
    [userRoles("O'Neill.Admin", 'A,B', 'A(B)', '{C}')],
    [anyUserRole('A', 'B')],
    [authenticated()],
    [authenticated({ unassignedApps: true })],
    [anonymous()],
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
    [signedInWithin('99999999d')],
    [inGroups(TENANT, SPA)],
    [inAnyGroup(TENANT, SPA)],
    [withoutUserRoles("O'Neill.Admin", 'A')],
    [tighten(scopes('A'), allOf(scopes('A'), members()), { until: new Date('2030-01-31') })],
    [allOf(tighten(scopes('A'), scopes('A', 'B'), { until: 8.64e15 }), members())],
    [
      anyOf(
        allOf(scopes('A'), userRoles('Admin'), clients(SPA), members({ unknown: 'allow' })),
        allOf(anyOf(scopes('B'), anyAppPermission('C', 'D')), inTenants(TENANT)),
      ),
    ],
  ])('%s', (requirement) => {
    const again = parseRequirement(String(requirement));
    expect(again.equals(requirement)).toBe(true);
    expect(again.role).toBe(requirement.role);
    expect(String(again)).toBe(String(requirement));
  });
});

describe('what a person writes is read', () => {
  it.each<[string, string, string]>([
    ['over several lines', "\nanyOf(\n\tscopes( 'B' ),\n  scopes('A')\n)\n", "anyScope('A', 'B')"],
    ['in double quotes', 'scopes("A")', "scopes('A')"],
    ['with options in a line', 'members({unknown:"allow"})', "members({ unknown: 'allow' })"],
    ['with empty options', 'members({ })', 'members()'],
    [
      'with options that say the default',
      "allOf(scopes('A'), noAgents({ unknown: 'deny' }))",
      "allOf(noAgents(), scopes('A'))",
    ],
    ['with false', 'authenticated({ unassignedApps: false })', 'authenticated()'],
    ['with another quote inside', `userRoles("O'Neill")`, "userRoles('O\\'Neill')"],
  ])('%s', (_, text, printed) => {
    expect(String(parseRequirement(text))).toBe(printed);
  });
});

describe('what is not a requirement is refused, with its place, what was found and what was expected', () => {
  it.each<[string, string, ...string[]]>([
    ['no text', '', 'line 1, column 1: found the end of the text', 'Expected a requirement'],
    ['only white space', ' \n ', 'line 2, column 2', 'Expected a requirement'],
    [
      'a misspelt name',
      "anyOf(\n  scope('A'))",
      'line 2, column 3: found an unknown requirement, scope',
      'Did you mean scopes?',
    ],
    ['a name in another case', "anyof(scopes('A'))", 'Did you mean anyOf?'],
    ['an unknown name', "roles('A')", 'unknown requirement, roles', 'Known: anyOf, allOf, scopes'],
    ['a name of every object', 'constructor()', 'unknown requirement, constructor'],
    ['a name alone', 'scopes', 'column 7: found the end of the text', "Expected '(' after scopes"],
    ['a permission alone', "'Orders.Read'", "found the text 'Orders.Read'", 'Expected a requirement'],
    ['a value without quotes', 'scopes(A)', "column 8: found 'A'", "Expected ')'"],
    ['a text that does not end', "scopes('A)", 'column 8: found the beginning of a text', "End it with '"],
    ['a line break in a text', "scopes('A\n')", 'column 8', 'does not end in its line'],
    ['a backslash before another letter', "scopes('\\A')", 'column 8', 'backslash'],
    ['no closing parenthesis', "scopes('A'", 'found the end of the text', "Expected ',' or ')'"],
    ['no closing parenthesis of a combination', "anyOf(scopes('A')", "Expected ',' or ')'"],
    ['a comma at the end', "scopes('A',)", "column 12: found ')' after a comma", 'Expected an argument'],
    ['a comma at the end of a combination', "anyOf(scopes('A'),)", "found ')'", 'Expected a requirement'],
    ['two texts without a comma', "scopes('A' 'B')", "column 12: found the text 'B'", "Expected ',' or ')'"],
    ['something after the end', "scopes('A'), scopes('B')", "column 12: found ','", 'Expected the end'],
    ['a method', "scopes('A').because('x')", "column 12: found '.'"],
    ['code', 'check(() => true)', 'function text does not hold'],
    ['a template', 'scopes(`A`)', "found '`'"],
    ['a control character', 'scopes(\u0007)', '\\u0007'],
    ['a lone surrogate', 'scopes(\ud800)', '\\ud800'],
    ['an argument too many', "delegated('A')", "found the text 'A'", 'delegated(...) takes nothing else'],
    ['two IDs', "authContext('c1', 'c2')", "found ','", 'authContext(...) takes nothing else'],
    ['options in the place of a text', 'authContext({})', "found '{'"],
    ['a text in the place of options', "members('allow')", "found the text 'allow'"],
    ['a number for an option that is a text', 'members({ unknown: 1 })', 'members() was given unknown: 1.'],
    ['a number that is not a whole one', 'members({ unknown: 1.5 })', "found '1'"],
    [
      'a name for an option',
      'members({ unknown: allow })',
      "found 'allow'",
      'a text in quotes, a number, a list, true or false',
    ],
    ['an option without a value', 'members({ unknown })', "found '}'", "Expected ':' after unknown"],
    ['an option without a name', "members({ 'unknown': 'allow' })", "Expected an option's name"],
    ['an option twice', "members({ unknown: 'deny', unknown: 'allow' })", "'unknown' for the second time"],
    ['options without a comma', "members({ unknown: 'deny' unknown: 'deny' })", "Expected ',' or '}'"],
    ['a misspelt option', "members({ unknwon: 'allow' })", 'column 1', "does not know the option 'unknwon'"],
    ['an option of every object', 'members({ constructor: true })', "does not know the option 'constructor'"],
  ])('%s', (_, text, ...keyWords) => {
    const sentence = configurationSentence(() => parseRequirement(text));
    expect(sentence).toContain("The requirement's text, line ");
    for (const keyWord of keyWords) expect(sentence).toContain(keyWord);
  });

  it.each<[string, unknown, string]>([
    ['nothing', undefined, 'was given undefined'],
    ['a requirement', scopes('A'), 'was given an object'],
  ])('%s in the place of a text', (_, text, keyWords) => {
    expect(configurationSentence(() => parseRequirement(text as string))).toContain(keyWords);
  });
});

describe('a check', () => {
  it.each(["check('owns order')", "allOf(scopes('A'), check('owns order', ({ auth }) => auth.x === 1))"])(
    'is refused, since text does not hold its function: %s',
    (text) => {
      const sentence = configurationSentence(() => parseRequirement(text));
      expect(sentence).toContain('found check(...), whose function text does not hold');
      expect(sentence).toContain('requirementFromJSON(json, { checks })');
    },
  );
});

describe('what no builder would take is refused, with its place', () => {
  it.each<[string, string, ...string[]]>([
    ['no permission', 'anyOf(scopes())', 'column 7: scopes() was given nothing'],
    ['a wildcard', "userRoles('*')", 'column 1: userRoles()', 'no wildcards'],
    ['a client without a GUID', "clients('spa')", 'not a GUID'],
    ['no ID', 'authContext()', 'c1 to c99'],
    ['an empty combination', "allOf(scopes('A'), anyOf())", 'column 20: anyOf() was given nothing'],
    [
      'a narrowing in anyOf',
      "anyOf(scopes('A'), members())",
      'column 1: anyOf(...) was given members(), which only narrows',
    ],
    ['anonymous in anyOf', "anyOf(scopes('A'), anonymous())", 'to every caller'],
    ['only narrowings', 'allOf(members())', 'grants nothing'],
    ['what no token satisfies', "allOf(scopes('A'), appPermissions('B'))", "can't be satisfied"],
  ])('%s', (_, text, ...keyWords) => {
    const sentence = configurationSentence(() => parseRequirement(text));
    for (const keyWord of keyWords) expect(sentence).toContain(keyWord);
    expect(sentence.match(/The requirement's text/g)).toHaveLength(1);
  });
});

describe('a text is bounded', () => {
  it.each<[string, string, string]>([
    ['in length', `scopes('A')${' '.repeat(70_000)}`, 'At most 65536 characters'],
    [
      'in depth',
      `${'anyOf('.repeat(10_000)}scopes('A')${')'.repeat(10_000)}`.slice(0, 65_000),
      'more than 32 levels',
    ],
    ['in parts', `anyOf(${"scopes('A'),".repeat(2000)}scopes('B'))`, 'more than 1000 parts'],
  ])('%s', (_, text, keyWords) => {
    expect(configurationSentence(() => parseRequirement(text))).toContain(keyWords);
  });

  it('and one that is as long as it may be is refused at once, however it is made', () => {
    const started = performance.now();
    for (const text of ["'".repeat(65_536), ' '.repeat(65_536), 'a'.repeat(65_536), "'\\".repeat(32_768)]) {
      configurationSentence(() => parseRequirement(text));
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });
});
