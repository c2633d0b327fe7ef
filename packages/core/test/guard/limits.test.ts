import { describe, expect, it, onTestFinished } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { type Json, NOW, signed, userClaims } from '../../../../test/support/forger.js';
import {
  allOf,
  type Budget,
  type BudgetStore,
  check,
  createGuard,
  type DecisionEvent,
  type EntraGuardError,
  type Grant,
  type GuardSettings,
  type LimitOptions,
  type LogEntry,
  limit,
  memoryBudgets,
  noAgents,
  onEvent,
  type RequestLike,
  scopes,
  toHttp,
  UnavailableError,
  whenAgent,
} from '../../src/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const AGENT = 'a9e27000-0000-4000-8000-000000000001';
const HUMAN = { xms_act_fct: '1', xms_sub_fct: '1' };
const read = scopes('Orders.Read');
const twice = (changes: Partial<LimitOptions> = {}): Grant =>
  allOf(read, limit({ calls: 2, per: '1m', ...changes }));

const bearing = (claims: Json = {}) => ({
  headers: { authorization: `Bearer ${signed(userClaims({ scp: 'Orders.Read', ...claims }))}` },
});

function guarding(settings: GuardSettings = {}) {
  let time = NOW;
  const log: LogEntry[] = [];
  const events: DecisionEvent[] = [];
  onTestFinished(onEvent((event) => void events.push(event), { types: ['decision'] }));
  const now = () => time;
  const guard = createGuard({
    ...contoso({ now, log: (entry) => void log.push(entry) }),
    budgets: memoryBudgets({ now }),
    ...settings,
  });
  onTestFinished(() => guard.close());
  const pass = (seconds: number): void => {
    time += seconds * 1000;
  };
  return { guard, log, events, pass };
}

type Guarding = ReturnType<typeof guarding>['guard'];

async function codes(
  guard: Guarding,
  requirement: Grant,
  ...requests: readonly RequestLike[]
): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const request of requests) {
    found.push(
      await guard.require(request, requirement).then(
        () => 'granted',
        (error) => error.code,
      ),
    );
  }
  return found;
}

describe('limit', () => {
  it('grants so many calls, answers further ones 429, and begins anew when the time is over', async () => {
    const { guard, pass, events } = guarding();
    const ada = bearing();
    expect(await codes(guard, twice(), ada, ada)).toEqual(['granted', 'granted']);
    pass(20.5);
    const error = (await refusalOf(guard.require(ada, twice()))) as EntraGuardError & { retryAfter: number };
    expect(error).toMatchObject({ name: 'LimitError', code: 'limit_exceeded', status: 429, retryAfter: 40 });
    expect(toHttp(error)).toMatchObject({ status: 429, headers: { 'Retry-After': '40' } });
    expect(JSON.stringify(toHttp(error).body)).not.toContain('Orders.Read');
    expect(events.map(({ outcome, code }) => code ?? outcome)).toEqual(['allow', 'allow', 'limit_exceeded']);
    pass(39.5);
    expect(await codes(guard, twice(), ada, ada, ada)).toEqual(['granted', 'granted', 'limit_exceeded']);
  });

  it('does not count a call that is refused for anything else', async () => {
    let open = false;
    const { guard } = guarding();
    const requirement = allOf(
      twice(),
      check('open', () => open),
    );
    const ada = bearing();
    expect(await codes(guard, requirement, ada, ada, ada)).toEqual(Array(3).fill('check_refused'));
    expect(await codes(guard, requirement, bearing({ scp: 'Other' }))).toEqual(['scope_missing']);
    open = true;
    expect(await codes(guard, requirement, ada, ada, ada)).toEqual(['granted', 'granted', 'limit_exceeded']);
  });

  it('grants what is left to calls that come at once', async () => {
    const { guard } = guarding();
    const ada = bearing();
    const all = await Promise.all(Array.from({ length: 10 }, () => codes(guard, twice(), ada)));
    expect(all.flat().filter((code) => code === 'granted')).toHaveLength(2);
  });

  it('counts the same requirement together, and another one apart', async () => {
    const { guard } = guarding();
    const ada = bearing();
    const equal = allOf(limit({ calls: 2, per: 60 }), scopes('Orders.Read'));
    expect(await codes(guard, twice(), ada)).toEqual(['granted']);
    expect(await codes(guard, equal, ada, ada)).toEqual(['granted', 'limit_exceeded']);
    expect(await codes(guard, allOf(twice(), limit({ calls: 5, per: '1h' })), ada)).toEqual(['granted']);
  });

  const bob = { oid: '00000000-0000-4000-8000-0000000000b0', sub: 'bob' };
  const other = { azp: '0a000000-0000-4000-8000-00000000000c' };
  const agent = { azp: AGENT, xms_act_fct: '11', xms_sub_fct: '1' };
  it.each<[LimitOptions['by'], Json, Json, 'together' | 'apart']>([
    ['caller', {}, {}, 'together'],
    ['caller', {}, bob, 'apart'],
    ['caller', {}, other, 'apart'],
    ['client', {}, bob, 'together'],
    ['client', {}, other, 'apart'],
    ['tenant', {}, { ...bob, ...other }, 'together'],
    ['agent', agent, { ...agent, ...bob }, 'together'],
    ['agent', agent, { ...agent, ...other }, 'apart'],
    ['agent', HUMAN, { ...HUMAN, ...bob }, 'apart'],
    ['agent', {}, bob, 'together'],
  ])('by %s, of %j and %j: %s', async (by, first, second, expected) => {
    const { guard } = guarding();
    const once = allOf(read, limit({ calls: 1, per: '1m', ...(by === undefined ? {} : { by }) }));
    const found = await codes(guard, once, bearing(first), bearing(second));
    expect(found).toEqual(['granted', expected === 'together' ? 'limit_exceeded' : 'granted']);
  });

  it('limits agents and not people, inside whenAgent', async () => {
    const { guard } = guarding();
    const requirement = allOf(read, whenAgent(limit({ calls: 1, per: '1m' })));
    const [person, helper] = [bearing(HUMAN), bearing(agent)];
    expect(await codes(guard, requirement, person, person, person)).toEqual(Array(3).fill('granted'));
    expect(await codes(guard, requirement, helper, helper)).toEqual(['granted', 'limit_exceeded']);
  });

  it('is refused without a place to count in, when it is declared and when it is judged', async () => {
    const guard = createGuard(contoso());
    onTestFinished(() => guard.close());
    const sentence = configurationSentence(() => guard.declare(twice()));
    expect(sentence).toContain(
      'the guard has no place to count calls in. Give the guard the setting budgets',
    );
    expect(
      configurationSentence(() => guard.declare(allOf(read, whenAgent(limit({ calls: 1, per: 1 }))))),
    ).toBe(sentence);
    expect((await refusalOf(guard.require(bearing(), twice()))).code).toBe('configuration_invalid');
    guard.declare(read);
    guarding().guard.declare(twice());
  });
});

describe('a store of the application', () => {
  const store = (spend: unknown): BudgetStore =>
    ({
      shared: false,
      spend,
      health: () => ({ part: 'budgets', status: 'up', message: 'ok' }),
      close: async () => {},
    }) as never;

  it('is told nothing of who calls', async () => {
    const asked: Budget[] = [];
    const { guard } = guarding({
      budgets: store((budget: Budget) => asked.push(budget) && { granted: true }),
    });
    await guard.require(bearing(), twice());
    await guard.require(bearing(), twice());
    expect(asked).toEqual([
      { key: expect.stringMatching(/^[\w-]{43}$/), calls: 2, seconds: 60 },
      { key: asked[0]?.key, calls: 2, seconds: 60 },
    ]);
  });

  const polluted = Object.create({ granted: true }) as object;
  it.each<[string, unknown]>([
    ['nothing', () => undefined],
    ['true', () => true],
    ['1', () => ({ granted: 1 })],
    ['an inherited answer', () => polluted],
    [
      'a refusal of its own',
      () => Promise.reject(new UnavailableError({ part: 'budgets', message: 'm', hint: 'h', retryAfter: 5 })),
    ],
    ['a rejection', () => Promise.reject(new Error('away'))],
    [
      'a throw',
      () => {
        throw new Error('away');
      },
    ],
  ])('that gives %s lets no call pass (503)', async (_, spend) => {
    const { guard } = guarding({ budgets: store(spend) });
    const error = await refusalOf(guard.require(bearing(), twice()));
    expect(error).toMatchObject({ code: 'budgets_unavailable', status: 503, part: 'budgets' });
    expect(guard.toHttp(error).headers).toMatchObject({ 'Retry-After': '5' });
  });

  it('that refuses without a time asks for the whole of it', async () => {
    const { guard } = guarding({ budgets: store(() => ({ granted: false, retryAfterSeconds: 'soon' })) });
    expect(await refusalOf(guard.require(bearing(), twice()))).toMatchObject({ retryAfter: 60 });
  });

  it.each([null, {}, 'memory', { spend() {} }])('%j is refused', (budgets) => {
    expect(configurationSentence(() => createGuard({ ...contoso(), budgets: budgets as never }))).toMatch(
      /^budgets is .* without the method (spend|health)\. Pass a store/,
    );
  });

  it('is part of the health of the guard, and is closed with it', async () => {
    let closed = 0;
    const { guard } = guarding({
      budgets: {
        ...store(() => ({ granted: true })),
        health: () => ({ part: 'budgets', status: 'degraded', message: 'Redis is away.' }),
        close: async () => {
          closed += 1;
        },
      },
    });
    await guard.ready();
    expect(await guard.health()).toMatchObject({ status: 'degraded', message: 'Redis is away.' });
    await guard.close();
    expect(closed).toBe(1);
  });
});

describe('memoryBudgets', () => {
  const budget = (key: string): Budget => ({ key, calls: 1, seconds: 60 });

  it('grants no call uncounted when it is full, and makes room when budgets end', () => {
    let time = 0;
    const store = memoryBudgets({ maxEntries: 2, now: () => time });
    expect(store.spend(budget('a'))).toEqual({ granted: true });
    time += 30_000;
    expect(store.spend(budget('b'))).toEqual({ granted: true });
    expect(store.health()).toMatchObject({ status: 'degraded', shared: false, entries: 2 });
    expect(() => store.spend(budget('c'))).toThrow('All 2 budgets that fit into memory are in use.');
    expect(store.spend(budget('a'))).toEqual({ granted: false, retryAfterSeconds: 30 });
    time += 30_000;
    expect(store.spend(budget('c'))).toEqual({ granted: true });
    expect(store.spend(budget('b'))).toMatchObject({ granted: false });
    expect(store.shared).toBe(false);
  });

  it('is up, and forgets all when it is closed', async () => {
    const store = memoryBudgets();
    await store.spend(budget('a'));
    expect(store.health()).toMatchObject({ part: 'budgets', status: 'up', entries: 1 });
    await store.close();
    expect(store.health()).toMatchObject({ entries: 0 });
  });

  it('grants nothing by a broken clock', () => {
    expect(() => memoryBudgets({ now: () => Number.NaN }).spend(budget('a'))).toThrow('gave no number');
  });

  it.each<[unknown, string]>([
    [{ maxEntries: 0 }, 'maxEntries of memoryBudgets() is 0.'],
    [{ maxEntries: 1.5 }, 'maxEntries of memoryBudgets() is 1.5.'],
    [{ now: 5 }, 'now of memoryBudgets() is 5.'],
    [
      { maxEntrie: 5 },
      "There is no option of memoryBudgets() called 'maxEntrie'. Did you mean 'maxEntries'?",
    ],
  ])('refuses %j', (options, expected) => {
    expect(configurationSentence(() => memoryBudgets(options as never))).toContain(expected);
  });
});

describe('tokens that tell nothing of agents', () => {
  it.each<[string, Grant]>([
    ['whenAgent', allOf(read, whenAgent(limit({ calls: 9, per: '1m' })))],
    ['noAgents', allOf(read, noAgents({ unknown: 'allow' }))],
  ])('are told of once, with the claims to ask for: %s', async (_, requirement) => {
    const { guard, log } = guarding();
    const notices = () => log.filter(({ message }) => message.includes('whether an AI agent is involved'));
    await guard.require(bearing(HUMAN), requirement);
    await guard.require(bearing(), read);
    expect(notices()).toEqual([]);
    await guard.require(bearing(), requirement, { handler: 'GET /orders' });
    await guard.require(bearing(), requirement);
    expect(notices()).toMatchObject([{ level: 'warn', event: 'configuration', handler: 'GET /orders' }]);
    expect(notices()[0]?.hint).toContain("'xms_act_fct', 'xms_sub_fct' and 'xms_par_app_azp'");
  });

  it('are told of without a handler, too', async () => {
    const { guard, log } = guarding();
    await guard.require(bearing(), allOf(read, noAgents({ unknown: 'allow' })));
    expect(log.filter((entry) => Object.hasOwn(entry, 'handler'))).toEqual([]);
    expect(log).toHaveLength(1);
  });
});
