import { describe, expect, it } from 'vitest';
import { type Json, NOW } from '../../../../test/support/forger.js';
import {
  type AuthContext,
  allOf,
  anonymous,
  anyOf,
  anyScope,
  appPermissions,
  authContext,
  authenticated,
  authorize,
  check,
  clients,
  definePermissions,
  delegated,
  describeOperation,
  evaluate,
  type Grant,
  inGroups,
  members,
  parseRequirement,
  type Requirement,
  requirementFromJSON,
  scopes,
  scopesIn,
  signedInWithin,
  type TightenOptions,
  tighten,
  userRoles,
  withoutUserRoles,
} from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const GROUP = 'aaaaaaaa-0000-4000-8000-000000000001';
const DAY = 86_400_000;
const UNTIL = NOW + 9 * DAY;
const iso = new Date(UNTIL).toISOString();
const read = scopes('Orders.Read');
const reader = allOf(read, userRoles('Orders.Reader'));
const stricter = (now: Grant = read, next: Grant = reader): Grant => tighten(now, next, { until: UNTIL });

const ada = user({ scp: 'Orders.Read' });
const grace = user({ scp: 'Orders.Read', roles: ['Orders.Reader'] });
const job = daemon({ roles: ['Orders.Read.All'] });

function verdict(requirement: Grant, auth: AuthContext, now: number): string {
  const decision = evaluate(requirement, auth, { now });
  return decision.granted ? 'granted' : `${decision.code}: ${decision.missing.join('; ')}`;
}

describe('the first requirement decides until its time, and the second from then on', () => {
  const lacking = 'role_missing: user role Orders.Reader';
  it.each<[string, number, string]>([
    ['nine days before', NOW, 'granted'],
    ['a millisecond before', UNTIL - 1, 'granted'],
    ['at that time', UNTIL, lacking],
    ['a year later', UNTIL + 365 * DAY, lacking],
  ])('%s', async (_, now, expected) => {
    expect(verdict(stricter(), ada, now)).toBe(expected);
    expect(verdict(stricter(), grace, now)).toBe('granted');
    const decided = authorize(stricter(), ada, { now }).then(
      () => 'granted',
      (error: { code: string }) => error.code,
    );
    expect(await decided).toBe(expected.split(':')[0]);
  });

  it('inside allOf', () => {
    const both = allOf(stricter(), members());
    const member = user({ scp: 'Orders.Read', acct: 0 });
    expect(verdict(both, member, NOW)).toBe('granted');
    expect(verdict(both, ada, NOW)).toMatch(/^guest_not_allowed/);
    expect(verdict(both, member, UNTIL)).toBe(lacking);
  });

  it('inside anyOf', () => {
    const either = anyOf(stricter(), appPermissions('Orders.Read.All'));
    expect([NOW, UNTIL].map((now) => verdict(either, job, now))).toEqual(['granted', 'granted']);
    expect([NOW, UNTIL].map((now) => verdict(either, ada, now))).toEqual(['granted', lacking]);
  });

  it('each at its own time, where there are several', () => {
    const writes = tighten(scopes('W'), allOf(scopes('W'), userRoles('Writer')), { until: UNTIL + DAY });
    const both = allOf(stricter(), writes);
    const auth = user({ scp: 'Orders.Read W', roles: ['Orders.Reader'] });
    const times = [NOW, UNTIL, UNTIL + DAY];
    expect(times.map((now) => verdict(both, auth, now))).toEqual([
      'granted',
      'granted',
      'role_missing: user role Writer',
    ]);
  });

  it('by the clock of the process, where no time is given', () => {
    const over = tighten(read, reader, { until: new Date('2020-01-31') });
    const ahead = tighten(read, reader, { until: new Date('2999-01-31') });
    expect([over, ahead].map((one) => evaluate(one, ada).granted)).toEqual([false, true]);
  });

  it('and by both, where the clock gives no number', () => {
    const looser = stricter(reader, read);
    expect([ada, grace].map((auth) => evaluate(stricter(), auth, { now: Number.NaN }).granted)).toEqual([
      false,
      true,
    ]);
    expect(evaluate(looser, ada, { now: Number.NaN }).granted).toBe(false);
  });

  it('what is lacking twice is named once', () => {
    expect(verdict(allOf(anyOf(read, userRoles('X')), stricter()), user({ scp: 'Y' }), NOW)).toBe(
      'scope_missing: scope Orders.Read',
    );
  });
});

describe('before its time it lets in no caller whom the first requirement refuses, and from then on none whom the second refuses', () => {
  const requirements: readonly Grant[] = [
    read,
    reader,
    anyScope('Orders.Read', 'Orders.Write'),
    appPermissions('Orders.Read.All'),
    anyOf(read, appPermissions('Orders.Read.All')),
    authenticated(),
    authenticated({ unassignedApps: true }),
    allOf(read, members()),
    allOf(read, members({ unknown: 'allow' })),
    allOf(read, authContext('c1')),
    allOf(read, signedInWithin('15m')),
    allOf(authenticated(), delegated()),
    allOf(read, withoutUserRoles('Orders.Reader')),
  ];
  const callers = [
    ada,
    grace,
    job,
    daemon(),
    user({ scp: 'Orders.Write' }),
    user({ scp: 'Orders.Read', acct: 0, acrs: ['c1'], auth_time: NOW / 1000 }),
    user({ scp: 'Orders.Read', acct: 1, auth_time: 1 }),
    user({ scp: 'X', roles: ['Orders.Reader'] }),
  ];
  const pairs = requirements.flatMap((now) => requirements.map((next) => [now, next] as const));

  it.each(pairs)('%s, then %s', (now, next) => {
    const both = tighten(now, next, { until: UNTIL });
    for (const auth of callers) {
      const granted = (requirement: Grant, time: number) =>
        evaluate(requirement, auth, { now: time }).granted;
      for (const time of [0, NOW, UNTIL - 1]) expect(granted(both, time)).toBe(granted(now, time));
      for (const time of [UNTIL, UNTIL + DAY]) expect(granted(both, time)).toBe(granted(next, time));
    }
  });
});

describe('a check inside the second requirement', () => {
  it('does not run before its time, and runs from then on', async () => {
    const ran: string[] = [];
    const own = check('owns order', () => {
      ran.push('owns order');
      return false;
    });
    const requirement = stricter(read, allOf(read, own));
    await authorize(requirement, ada, { now: UNTIL - 1 });
    expect(evaluate(requirement, ada, { now: UNTIL - 1 }).granted).toBe(true);
    expect(ran).toEqual([]);
    expect((await refusalOf(authorize(requirement, ada, { now: UNTIL }))).code).toBe('check_refused');
    expect(ran).toEqual(['owns order']);
  });
});

describe('what it is not built from', () => {
  const until = UNTIL;
  it.each<[string, () => unknown, string]>([
    ['anonymous() now', () => tighten(anonymous() as unknown as Grant, read, { until }), 'anonymous()'],
    ['anonymous() next', () => tighten(read, anonymous() as unknown as Grant, { until }), 'anonymous()'],
    ['a narrowing', () => tighten(members() as unknown as Grant, read, { until }), 'only narrows'],
    [
      'a string',
      () => tighten('Orders.Read' as unknown as Grant, read, { until }),
      "the string 'Orders.Read'",
    ],
    ['nothing', () => tighten(read, undefined as unknown as Grant, { until }), 'undefined'],
    ['one that switches itself', () => tighten(stricter(), reader, { until }), 'which switches itself'],
    [
      'one that holds such',
      () => tighten(read, allOf(stricter(), members()), { until }),
      'which switches itself',
    ],
  ])('%s', (_, build, words) => {
    const sentence = configurationSentence(build);
    expect(sentence).toContain('tighten(...) was given');
    expect(sentence).toContain(words);
  });

  it.each<[string, unknown, string]>([
    ['no options', undefined, "tighten(now, next, { until: new Date('2030-01-31') })"],
    ['null', null, 'was not told until when'],
    ['a Date in the place of options', new Date(until), 'was not told until when'],
    ['a number in the place of options', until, 'was not told until when'],
    ['options without it', {}, 'was not told until when'],
    ['undefined', { until: undefined }, 'was not told until when'],
    ['text', { until: '2030-01-31' }, 'tighten(...): until is 2030-01-31. Pass a Date'],
    ['seconds', { until: 1_896_048_000 }, 'Did you mean 1896048000000?'],
    ['an invalid Date', { until: new Date('soon') }, 'an invalid Date'],
    ['a time that no Date holds', { until: 1e300 }, 'until is 1e+300'],
    ['a misspelt option', { untill: until }, "does not know the option 'untill'. Known: until."],
    ['an option too many', { until, from: until }, "does not know the option 'from'"],
    ['one from a prototype', Object.create({ until }), 'from its prototype'],
  ])('%s', (_, options, words) => {
    expect(configurationSentence(() => tighten(read, reader, options as TightenOptions))).toContain(words);
  });

  it('an option of every object is not one', () => {
    Object.defineProperty(Object.prototype, 'until', { value: until, configurable: true });
    try {
      expect(configurationSentence(() => tighten(read, reader, {} as TightenOptions))).toContain(
        'was not told',
      );
    } finally {
      Reflect.deleteProperty(Object.prototype, 'until');
    }
  });
});

describe('a combination that makes no sense before or after the switch is refused when it is built', () => {
  const app = appPermissions('Orders.Read.All');
  const none = "can't be satisfied by any token";
  it.each<[string, () => Grant, ...string[]]>([
    ['no token satisfies it now', () => allOf(stricter(app, read), userRoles('A')), `Until ${iso}: `, none],
    ['no token will satisfy it', () => allOf(stricter(read, app), userRoles('A')), `From ${iso} on: `, none],
    [
      'it will contradict itself',
      () => allOf(stricter(), withoutUserRoles('Orders.Reader')),
      `From ${iso} on: `,
      'contradict each other',
    ],
    [
      'another branch lets in all the same, so that nothing becomes stricter',
      () => anyOf(stricter(scopes('X'), allOf(read, userRoles('A'))), read),
      `From ${iso} on: In anyOf(...), scopes('Orders.Read') already grants`,
    ],
    [
      'deeper inside',
      () => allOf(anyOf(stricter(app, read), allOf(app, clients(GROUP))), userRoles('A')),
      `Until ${iso}: `,
      none,
    ],
  ])('%s', (_, build, ...words) => {
    const sentence = configurationSentence(build);
    for (const word of words) expect(sentence).toContain(word);
  });

  it('the time of each switch is looked at', () => {
    const later = tighten(read, app, { until: UNTIL + DAY });
    expect(configurationSentence(() => allOf(stricter(), later))).toContain(
      `From ${new Date(UNTIL + DAY).toISOString()} on: `,
    );
  });

  it('but a branch that has an effect only later is taken', () => {
    const wide = stricter(anyScope('A', 'B'), scopes('A'));
    const later = anyOf(wide, allOf(scopes('B'), userRoles('R')));
    const has = (claims: Json, now: number) => evaluate(later, user(claims), { now }).granted;
    expect([has({ scp: 'B' }, NOW), has({ scp: 'B' }, UNTIL)]).toEqual([true, false]);
    expect([{ scp: 'A' }, { scp: 'B', roles: ['R'] }].map((claims) => has(claims, UNTIL))).toEqual([
      true,
      true,
    ]);
  });
});

describe('as a value', () => {
  it('prints, and is read again from its text and its JSON', () => {
    const requirement = stricter().because('access review');
    const printed = `tighten(scopes('Orders.Read'), allOf(scopes('Orders.Read'), userRoles('Orders.Reader')), { until: '${iso}' })`;
    expect(String(requirement)).toBe(printed);
    expect(parseRequirement(printed).equals(requirement)).toBe(true);
    expect(String(parseRequirement(printed))).toBe(printed);
    const text = JSON.stringify(requirement);
    expect(JSON.parse(text)).toEqual({
      requirement: {
        kind: 'tighten',
        now: { kind: 'scopes', values: ['Orders.Read'] },
        next: {
          kind: 'allOf',
          of: [
            { kind: 'scopes', values: ['Orders.Read'] },
            { kind: 'userRoles', values: ['Orders.Reader'] },
          ],
        },
        until: iso,
      },
      because: ['access review'],
    });
    const again = requirementFromJSON(JSON.parse(text));
    expect(again.equals(requirement)).toBe(true);
    expect(JSON.stringify(again)).toBe(text);
    expect(again.role).toBe('grant');
  });

  it('a Date and its milliseconds are the same', () => {
    expect(tighten(read, reader, { until: new Date(UNTIL) }).equals(stricter())).toBe(true);
    expect(tighten(read, reader, { until: UNTIL + 0.5 }).equals(stricter())).toBe(true);
  });

  it.each<[string, Grant]>([
    ['another time', tighten(read, reader, { until: UNTIL + 1 })],
    ['another first requirement', stricter(scopes('X'))],
    ['another second requirement', stricter(read, allOf(read, userRoles('X')))],
    ['the other way round', stricter(reader, read)],
    ['one of the two alone', reader],
  ])('%s is another requirement', (_, other) => {
    expect(stricter().equals(other)).toBe(false);
    expect(other.equals(stricter())).toBe(false);
  });

  it('the same twice is one', () => {
    expect(String(allOf(stricter(), stricter()))).toBe(String(stricter()));
    expect(String(anyOf(stricter(), stricter()))).toBe(String(stricter()));
  });

  it('checks are compared by their functions', () => {
    const one = stricter(
      read,
      allOf(
        read,
        check('mine', () => true),
      ),
    );
    const other = stricter(
      read,
      allOf(
        read,
        check('mine', () => true),
      ),
    );
    expect(one.equals(other)).toBe(false);
    expect(one.equals(one)).toBe(true);
  });

  it('is frozen', () => {
    const { node } = stricter();
    expect(Object.isFrozen(node)).toBe(true);
    expect(Reflect.set(node, 'until', '2999-01-01T00:00:00.000Z')).toBe(false);
  });

  it('names what both requirements name', () => {
    const requirement = stricter(read, allOf(read, userRoles('Orders.Reader'), members()));
    expect(requirement.permissions).toEqual([
      { use: 'scope', value: 'Orders.Read' },
      { use: 'user role', value: 'Orders.Reader' },
    ]);
    expect(requirement.optionalClaims).toEqual(['acct']);
    expect(scopesIn(stricter(scopes('A'), scopes('A', 'B')))).toEqual(['A', 'B']);
  });

  it('has the reasons and the catalogue of both', () => {
    const catalogue = definePermissions({
      api: 'api://orders',
      owner: { team: 'Orders' },
      scopes: { 'Orders.Read': { description: 'Read.', consent: 'user', because: 'The shop shows them.' } },
    });
    const both = stricter(read.because('shop'), catalogue.scopes('Orders.Read').because('review'));
    expect(both.reasons).toEqual(['shop', 'The shop shows them.', 'review']);
    expect(both.owner).toEqual({ team: 'Orders' });
  });

  it.each<[string, Grant, boolean]>([
    ['neither', stricter(), false],
    ['the first', stricter(userRoles('Clerk'), read), true],
    ['the second', stricter(read, userRoles('Clerk')), true],
    ['neither, as one is for apps', stricter(read, appPermissions('A')), false],
    ['neither, next to a scope', allOf(read, stricter(userRoles('A'), userRoles('B'))), false],
    ['one, next to a role', allOf(userRoles('A'), stricter(read, userRoles('B'))), true],
    ['one of a choice', anyOf(appPermissions('A'), stricter(read, userRoles('B'))), true],
  ])('leaves the scope open where one of both does: %s', (_, requirement, open) => {
    expect(requirement.leavesScopeOpen).toBe(open);
  });

  it('any token that carries a permission grants what it grants, unless apps without one pass', () => {
    const wide = (one: Grant) => configurationSentence(() => anyOf(one, authenticated()));
    const sentence = 'In anyOf(...), authenticated() already grants';
    expect(wide(stricter()).startsWith(sentence)).toBe(true);
    expect(wide(stricter(authenticated({ unassignedApps: true }), read))).toContain(
      `From ${iso} on: ${sentence}`,
    );
  });
});

describe('OpenAPI describes what decides when the document is made', () => {
  const at = (until: string): Requirement =>
    tighten(read, appPermissions('Orders.Read.All'), { until: new Date(until) });
  const security = (requirement: Requirement) =>
    describeOperation(requirement as Grant, { applicationIdUri: 'api://orders' }).security;

  it('the first requirement before its time, the second after it', () => {
    expect(security(at('2999-01-31'))).toEqual([{ entra: ['api://orders/Orders.Read'] }]);
    expect(security(at('2020-01-31'))).toEqual([{ entraApp: ['api://orders/.default'] }]);
    const inside = anyOf(at('2999-01-31') as Grant, scopes('Orders.Write'));
    expect(security(inside)).toEqual([
      { entra: ['api://orders/Orders.Read'] },
      { entra: ['api://orders/Orders.Write'] },
    ]);
  });
});

describe('text and JSON are read strictly', () => {
  const json = (changes: object) => ({
    requirement: { kind: 'tighten', now: read.node, next: reader.node, until: iso, ...changes },
  });

  it.each<[string, object, string]>([
    ['without a time', { until: undefined }, 'was not told until when'],
    ['with a number', { until: UNTIL }, 'which is not a time in ISO 8601'],
    ['with a time of the place where it runs', { until: '2030-01-31T00:00:00' }, 'not a time in ISO 8601'],
    ['with a day that does not exist', { until: '2030-02-31' }, 'until is 2030-02-31, which is not'],
    ['without a first requirement', { now: undefined }, "not a requirement's JSON"],
    ['without a second requirement', { next: undefined }, "not a requirement's JSON"],
    ['with a narrowing', { next: { kind: 'members' } }, 'only narrows'],
    ['with another inside', { next: stricter().node }, 'which switches itself'],
    ['with a misspelt member', { untill: iso }, "Did you mean 'until'?"],
    ['with an unknown member', { because: ['x'] }, "called 'because'"],
  ])('JSON %s', (_, changes, words) => {
    expect(configurationSentence(() => requirementFromJSON(json(changes)))).toContain(words);
  });

  it('JSON that is nested until the stack is full', () => {
    let node: unknown = read.node;
    for (let depth = 0; depth < 100_000; depth++) node = { ...json({}).requirement, next: node };
    expect(configurationSentence(() => requirementFromJSON({ requirement: node }))).toContain(
      'deeper than 32',
    );
  });

  it.each<[string, string, string]>([
    [
      'without options',
      "tighten(scopes('A'), scopes('A', 'B'))",
      "Expected ',' and { until: '2030-01-31T00:00:00Z' }",
    ],
    ['with one requirement', "tighten(scopes('A'))", 'the requirement that decides later'],
    ['without parentheses', 'tighten', "Expected '(' after tighten"],
    ['with empty options', "tighten(scopes('A'), scopes('B'), {})", 'was not told until when'],
    ['with a misspelt option', "tighten(scopes('A'), scopes('B'), { untill: 'x' })", "the option 'untill'"],
    [
      'with words for a time',
      "tighten(scopes('A'), scopes('B'), { until: 'soon' })",
      'until is soon, which is not',
    ],
    [
      'with a flag for a time',
      "tighten(scopes('A'), scopes('B'), { until: true })",
      'until is true, which is not',
    ],
    ['with code for a time', "tighten(scopes('A'), scopes('B'), { until: new Date() })", "found 'new'"],
    ['with more', `tighten(scopes('A'), scopes('B'), { until: '${iso}' }, 'x')`, 'takes nothing else here'],
    [
      'inside itself',
      `tighten(${String(stricter())}, scopes('B'), { until: '${iso}' })`,
      'which switches itself',
    ],
    ['with a narrowing', `tighten(scopes('A'), members(), { until: '${iso}' })`, 'only narrows'],
  ])('text %s', (_, text, words) => {
    const sentence = configurationSentence(() => parseRequirement(text));
    expect(sentence).toContain("The requirement's text, line 1, column ");
    expect(sentence).toContain(words);
  });

  it('a date alone begins at midnight UTC, and other zones are read', () => {
    const at = (until: string) =>
      String(parseRequirement(`tighten(scopes('A'), scopes('B'), { until: '${until}' })`));
    expect(at('2030-01-31')).toContain("until: '2030-01-31T00:00:00.000Z'");
    expect(at('2030-01-31T02:00+02:00')).toContain("until: '2030-01-31T00:00:00.000Z'");
  });
});

describe('groups that are too many for the token', () => {
  const overage = user({ scp: 'Orders.Read', hasgroups: true });
  const requirement = stricter(read, allOf(read, inGroups(GROUP)));
  it('are not asked for before its time', () => {
    expect(evaluate(requirement, overage, { now: NOW }).granted).toBe(true);
    expect(evaluate(requirement, overage, { now: UNTIL, groups: [GROUP] }).granted).toBe(true);
    expect(evaluate(requirement, overage, { now: UNTIL, groups: [] }).granted).toBe(false);
  });
});
