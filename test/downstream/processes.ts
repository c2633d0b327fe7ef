import { randomBytes } from 'node:crypto';
import { createGuard, type RequestLike } from '@entra-guard/core';
import { createDownstream, keyRing, sealed, secretFrom, type TokenStore } from '@entra-guard/downstream';
import { redisTokens } from '@entra-guard/redis';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { connect, type TestClient } from '../../packages/redis/test/support/clients.js';

const SECRET = 'local-secret-of-orders';

/** What a process of the orders API has: memory and a connection to Redis of its own, and the same keys as the others. */
export interface Process {
  readonly downstream: ReturnType<typeof createDownstream<'stock'>>;
  /** Gets a token for the stock API on behalf of a caller. */
  tokenFor(request: RequestLike): Promise<string>;
}

/** An authority that answers token requests only while its gate is open. */
export class Gate {
  /** How many token requests came. */
  asked = 0;
  #open: Promise<void> = Promise.resolve();
  #opened: () => void = () => {};

  shut(): void {
    this.#open = new Promise((resolve) => {
      this.#opened = resolve;
    });
  }

  open(): void {
    this.#opened();
  }

  async pass(): Promise<void> {
    this.asked++;
    await this.#open;
  }
}

/** The orders API in several processes, with a local Entra. */
export class Processes {
  readonly entra: InProcessEntra;
  readonly gate = new Gate();
  #onReserved: () => void = () => {};
  readonly #ring = keyRing([{ id: '2026-11', secret: randomBytes(32) }]);
  readonly #clients: TestClient[] = [];
  readonly #guard: ReturnType<typeof createGuard>;

  private constructor(entra: InProcessEntra) {
    this.entra = entra;
    const fetch: typeof globalThis.fetch = async (input, init) => {
      const request = new Request(input, init);
      if (request.method === 'POST') await this.gate.pass();
      return entra.fetch(request);
    };
    this.#guard = createGuard({ ...entra.options('orders'), fetch, log: false });
  }

  static async begin(): Promise<Processes> {
    const apps = { orders: { scopes: ['Orders.Read'], secret: SECRET }, stock: { scopes: ['Stock.Read'] } };
    return new Processes(await startEntra({ apps }));
  }

  /** Starts a process, whose client is connected. */
  async start(name: string, port: number): Promise<Process> {
    const made = await connect(name, port);
    this.#clients.push(made);
    const store = redisTokens(made.client);
    await store.get('connected');
    const lock: TokenStore['lock'] = async (key, ttlMs) => {
      const release = await store.lock(key, ttlMs);
      this.#onReserved();
      return release;
    };
    const downstream = createDownstream({
      guard: this.#guard,
      credential: secretFrom(() => SECRET),
      apis: {
        stock: {
          baseUrl: 'https://stock.contoso.example',
          scopes: [`api://${this.entra.clientIdOf('stock')}/Stock.Read`],
        },
      },
      store: sealed({ ...store, lock }, this.#ring),
    });
    const tokenFor = async (request: RequestLike) =>
      (await downstream.apis.stock.forCaller(request).token()).token;
    return { downstream, tokenFor };
  }

  /** Resolves when processes have tried so many times to be the one that asks. */
  async reservations(count: number): Promise<void> {
    let tried = 0;
    await new Promise<void>((resolve) => {
      this.#onReserved = () => {
        tried++;
        if (tried === count) resolve();
      };
    });
  }

  /** A request of a user that the guard has accepted. */
  async accepted(user: string): Promise<RequestLike> {
    const { headers } = this.entra.user(user, { api: 'orders', scp: 'Orders.Read' });
    const request = { headers: { ...headers } };
    await this.#guard.authenticate(request);
    return request;
  }

  async close(): Promise<void> {
    for (const { close } of this.#clients) close();
    await this.entra.close();
  }
}
