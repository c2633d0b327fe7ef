import { createValidator, EntraGuardError, KeysUnavailableError, type Validator } from '@entra-guard/core';
import { API, makeKey, NOW, STRANGER, signed, type TestKey, userClaims } from '../../support/forger.js';
import { Chance } from './chance.js';
import { type Knowledge, LIMITS, Model, type Outcome, type Sent } from './model.js';
import { FAULTS, Tenant } from './tenant.js';

/** The result of a soak. */
export interface Figures {
  readonly seed: number;
  readonly steps: number;
  readonly tokens: Readonly<Record<Outcome, number>>;
  readonly requests: number;
  readonly faults: number;
  readonly rotations: number;
  readonly clockSteps: number;
  readonly restarts: number;
  /** Growth of the heap between the first and the last tenth, in MB. */
  readonly growth: number;
}

interface Visit {
  readonly tenant: Tenant;
  readonly sent: Sent;
  readonly outcome: Promise<Outcome>;
}

/** Keys made in advance, because making one is slow. */
const POOL = Array.from({ length: 6 }, (_, index) => makeKey(`key-${index}`));
const FOREIGN = 'ffffffff-0000-cccc-1111-dddd2222eeee';

/** Simulates, second by second, an API with three tenants, an Entra with all faults, and valid and invalid tokens. */
export class Soak {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #model: Model;
  readonly #tenants: readonly Tenant[];
  readonly #former = new Map<Tenant, Set<TestKey>>();
  readonly #minted = new Map<string, string>();
  readonly #faultEnds = new Map<Tenant, number>();
  #now = NOW;
  /** Simulated milliseconds. Steps of the clock do not change it. */
  #simulated = 0;
  #jitter = 0;
  #underWay = 0;
  #validator: Validator;
  readonly #tokens: Record<Outcome, number> = { accepted: 0, refused: 0, undecided: 0 };
  #steps = 0;
  #requests = 0;
  #faults = 0;
  #rotations = 0;
  #clockSteps = 0;
  #restarts = 0;

  constructor(seed: number) {
    this.#seed = seed;
    this.#chance = new Chance(seed);
    const now = (): number => this.#now;
    this.#model = new Model(now);
    this.#tenants = ['aaaabbbb', 'bbbbcccc', 'ccccdddd'].map(
      (start, index) =>
        new Tenant(
          `${start}-0000-cccc-1111-dddd2222eeee`,
          POOL.slice(0, 2),
          now,
          new Chance(seed + index + 1),
        ),
    );
    for (const tenant of this.#tenants) this.#former.set(tenant, new Set(tenant.published));
    this.#validator = this.#start();
  }

  /**
   * Runs the simulation.
   * @throws Error that names the seed, the time and what was wrong
   */
  async run(duration: number): Promise<Figures> {
    // Back-off is jittered. The jitter must depend on the seed, so that a run can be repeated.
    const { random } = Math;
    Math.random = () => this.#jitter;
    try {
      return await this.#play(duration);
    } finally {
      Math.random = random;
      this.#validator.close();
    }
  }

  async #play(duration: number): Promise<Figures> {
    let early: number | undefined;
    while (this.#simulated < duration) {
      const wait = this.#chance.onceIn(200)
        ? this.#chance.between(30_000, 180_000)
        : this.#chance.between(100, 1900);
      this.#jitter = this.#chance.next();
      this.#simulated += wait;
      this.#now += wait;
      this.#happen();
      await this.#step();
      if (early === undefined && this.#simulated > duration / 10) early = await heap();
    }
    this.#validator.close();
    const growth = Math.round(((await heap()) - (early ?? 0)) / 1e5) / 10;
    return {
      seed: this.#seed,
      steps: this.#steps,
      tokens: this.#tokens,
      requests: this.#requests,
      faults: this.#faults,
      rotations: this.#rotations,
      clockSteps: this.#clockSteps,
      restarts: this.#restarts,
      growth,
    };
  }

  #start(): Validator {
    return createValidator({
      tenants: this.#tenants.map(({ id }) => id),
      clientId: API,
      now: () => this.#now,
      log: false,
      keys: LIMITS,
      fetch: (input, init) => {
        const url = new URL(String(input));
        const signal = init?.signal as AbortSignal;
        const tenant = this.#tenants.find(({ id }) => url.pathname.startsWith(`/${id}/`));
        if (tenant === undefined) return this.#wrong(`asked for ${url.href}`);
        this.#requests++;
        this.#underWay++;
        signal.addEventListener('abort', () => this.#underWay--);
        return tenant.answer(url, signal);
      },
    });
  }

  /** Starts and ends faults, changes keys, sets the clock, and restarts the process. */
  #happen(): void {
    for (const tenant of this.#tenants) {
      if (tenant.faults.size > 0 && this.#simulated >= (this.#faultEnds.get(tenant) ?? 0)) {
        tenant.faults.clear();
        this.#model.trouble(tenant);
      }
      if (tenant.faults.size === 0 && this.#chance.onceIn(50)) this.#break(tenant);
      if (this.#chance.onceIn(200)) this.#rotate(tenant);
    }
    if (this.#chance.onceIn(150)) {
      this.#clockSteps++;
      this.#now += this.#chance.one([-1, 1]) * this.#chance.between(1000, 900_000);
      for (const tenant of this.#tenants) {
        tenant.attempts = [];
        this.#model.trouble(tenant);
      }
    }
  }

  #break(tenant: Tenant): void {
    this.#faults++;
    const documents = this.#chance.one([['metadata'], ['keys'], ['metadata', 'keys']] as const);
    for (const document of documents) tenant.faults.set(document, this.#chance.one(FAULTS));
    // Some last longer than loaded keys are trusted.
    const lasts = this.#chance.onceIn(8) ? this.#chance.between(300, 1200) : this.#chance.between(1, 200);
    this.#faultEnds.set(tenant, this.#simulated + lasts * 1000);
    this.#model.trouble(tenant);
  }

  #rotate(tenant: Tenant): void {
    this.#rotations++;
    const { published } = tenant;
    const others = POOL.filter((key) => !published.includes(key));
    const next = this.#chance.one(others);
    const [first] = published;
    tenant.published = this.#chance.one([
      // A rotation with overlap, one without, and a removal.
      [...published.slice(-2), next],
      [next],
      published.length > 1 ? published.slice(1) : [next],
      first === undefined ? [next] : [first, next],
    ]);
    for (const key of tenant.published) {
      this.#former.get(tenant)?.add(key);
      if (!published.includes(key)) this.#model.publish(tenant, key);
    }
  }

  async #step(): Promise<void> {
    this.#steps++;
    const before = new Map<Tenant, Knowledge>();
    for (const tenant of this.#tenants) {
      before.set(tenant, this.#model.knows(tenant));
      tenant.lately = [];
    }
    const visits = Array.from({ length: this.#chance.between(1, 14) }, () => this.#visit());
    const closes = this.#chance.onceIn(500);
    if (closes) this.#validator.close();
    for (const { tenant, sent, outcome } of visits) {
      const was = await outcome;
      this.#tokens[was]++;
      // Tokens that wait when the validator is closed are undecided. Any other outcome must be correct.
      if (closes && was === 'undecided') continue;
      const complaint = this.#model.judge(tenant, sent, was, before.get(tenant) as Knowledge);
      if (complaint !== undefined) this.#wrong(`"${sent.what}" was ${was}: ${complaint}`, tenant);
    }
    while (this.#underWay > 0) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    if (closes) {
      this.#restart();
      return;
    }
    const visited = new Set(visits.filter(({ sent }) => sent.what === 'signed').map(({ tenant }) => tenant));
    for (const tenant of visited) {
      const complaint = this.#model.atRest(tenant);
      if (complaint !== undefined) this.#wrong(complaint, tenant);
    }
    const { sources, keyIds } = this.#validator.state();
    if (sources.length > 2 * this.#tenants.length || keyIds.length > POOL.length) {
      this.#wrong(`${sources.length} documents, ${keyIds.length} keys`);
    }
  }

  #restart(): void {
    this.#restarts++;
    this.#validator = this.#start();
    for (const tenant of this.#tenants) {
      tenant.metadata = undefined;
      tenant.keys = undefined;
      tenant.attempts = [];
      this.#model.trouble(tenant);
    }
  }

  #visit(): Visit {
    const tenant = this.#chance.one(this.#tenants);
    const former = [...(this.#former.get(tenant) ?? [])];
    const published = this.#chance.one(tenant.published);
    const roll = this.#chance.next();
    let sent: Sent;
    let token: string;
    if (roll < 0.5) {
      sent = { what: 'signed', key: published };
      token = this.#mint(tenant, published);
    } else if (roll < 0.62) {
      const key = this.#chance.one(former);
      sent = { what: 'signed', key };
      token = this.#mint(tenant, key);
    } else if (roll < 0.82) {
      sent = { what: 'junk' };
      token = withKid(this.#mint(tenant, STRANGER), `junk-${this.#chance.between(0, 1e9)}`);
    } else if (roll < 0.9) {
      sent = { what: 'forged', key: published };
      token = withKid(this.#mint(tenant, STRANGER), published.kid);
    } else {
      const what = this.#chance.one(['expired', 'foreign', 'malformed'] as const);
      sent = what === 'foreign' ? { what, key: published } : { what };
      const good = this.#mint(tenant, published);
      if (what === 'malformed') token = good.slice(0, this.#chance.between(0, good.length - 400));
      else token = this.#mint(tenant, published, what);
    }
    return { tenant, sent, outcome: this.#ask(token) };
  }

  async #ask(token: string): Promise<Outcome> {
    try {
      await this.#validator.validate(token);
      return 'accepted';
    } catch (error) {
      if (KeysUnavailableError.is(error)) {
        const { retryAfter } = error;
        if (!(retryAfter > 0 && retryAfter <= 300)) this.#wrong(`Retry-After of ${retryAfter} s`);
        return 'undecided';
      }
      if (!EntraGuardError.is(error)) throw error;
      if (error.status !== 401) this.#wrong(`status ${error.status}`);
      return 'refused';
    }
  }

  /** Returns a token, at most one a minute for each kind, because signing is the slowest step. */
  #mint(tenant: Tenant, key: TestKey, flaw?: 'expired' | 'foreign'): string {
    const minute = Math.floor(this.#now / 60_000);
    const name = `${minute} ${tenant.id} ${key.kid} ${flaw ?? ''}`;
    const known = this.#minted.get(name);
    if (known !== undefined) return known;
    if (this.#minted.size > 500) this.#minted.clear();
    const iat = minute * 60 - 300 - (flaw === 'expired' ? 7200 : 0);
    const tid = flaw === 'foreign' ? FOREIGN : tenant.id;
    const iss = tenant.issuer.replace(tenant.id, tid);
    const token = signed(userClaims({ iss, tid, iat, nbf: iat, exp: iat + 3900 }), {}, { key });
    this.#minted.set(name, token);
    return token;
  }

  #wrong(what: string, tenant?: Tenant): never {
    const seconds = Math.round(this.#simulated / 1000);
    const faults =
      tenant &&
      `${tenant.id.slice(0, 8)}, faults: ${JSON.stringify([...tenant.faults])}, keys read ${tenant.keys && Math.round((tenant.keys.at - this.#now) / 1000)} s from now`;
    throw new Error(
      `seed ${this.#seed}, step ${this.#steps}, second ${seconds}: ${what} (${faults ?? 'any tenant'})`,
    );
  }
}

function withKid(token: string, kid: string): string {
  const [header = '', ...rest] = token.split('.');
  const parsed = JSON.parse(Buffer.from(header, 'base64url').toString()) as object;
  return [Buffer.from(JSON.stringify({ ...parsed, kid })).toString('base64url'), ...rest].join('.');
}

/** Returns the size of the heap after a garbage collection. */
async function heap(): Promise<number> {
  await new Promise((resolve) => setImmediate(resolve));
  globalThis.gc?.();
  return process.memoryUsage().heapUsed;
}
