import { randomUUID } from 'node:crypto';
import type { Budget, BudgetStore } from '@entra-guard/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { redisBudgets } from '../../src/index.js';
import { clients, type TestClient } from '../support/clients.js';
import { RedisServer, whyNot } from '../support/redis-server.js';

const why = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const connect = (name: string, port: number): Promise<TestClient> =>
  (clients[name] as (typeof clients)[string])(port);

const budget = (calls: number, seconds = 60): Budget => ({ key: randomUUID(), calls, seconds });

async function granted(store: BudgetStore, of: Budget, times: number): Promise<number> {
  let count = 0;
  for (let call = 0; call < times; call += 1) if ((await store.spend(of)).granted) count += 1;
  return count;
}

describe.skipIf(whyNot !== undefined).each(Object.keys(clients))(
  `budgets in Redis, over %s${why}`,
  (name) => {
    let server: RedisServer;
    let made: TestClient;
    beforeAll(async () => {
      server = await RedisServer.start();
      made = await connect(name, server.port);
    });
    afterAll(async () => {
      made?.close();
      await server?.stop();
    });

    it('grant as many calls as there are, whichever process is asked', async () => {
      const stores = [redisBudgets(made.client), redisBudgets(made.client), redisBudgets(made.client)];
      for (const calls of [1, 5, 100]) {
        const one = budget(calls);
        let count = 0;
        // Each process asks for more than there is, all at once.
        const all = await Promise.all(stores.map((store) => granted(store, one, calls + 5)));
        for (const each of all) count += each;
        expect(count).toBe(calls);
        expect(await stores[0]?.spend(one)).toEqual({
          granted: false,
          retryAfterSeconds: expect.any(Number),
        });
        const left = Number(server.cli('pttl', `entra-guard:budgets:1:${one.key}`));
        expect(left).toBeGreaterThan(0);
        expect(left).toBeLessThanOrEqual(60_000);
      }
    });

    it('begin anew when the time is over', async () => {
      const store = redisBudgets(made.client);
      const short = budget(2, 1);
      expect(await granted(store, short, 3)).toBe(2);
      await vi.waitFor(async () => expect((await store.spend(short)).granted).toBe(true), { timeout: 5000 });
      expect(server.cli('exists', `entra-guard:budgets:1:${short.key}`)).toBe('1');
    });

    it('of two prefixes are counted apart', async () => {
      const one = budget(1);
      const stores = ['a', 'b'].map((prefix) => redisBudgets(made.client, { prefix }));
      expect(await Promise.all(stores.map((store) => granted(store, one, 2)))).toEqual([1, 1]);
      expect(stores[0]).toMatchObject({ shared: true });
    });
  },
);

describe.skipIf(whyNot !== undefined)(`a process and its slices${why}`, () => {
  async function started() {
    const server = await RedisServer.start();
    const made = await connect('redis 6', server.port);
    onTestFinished(async () => {
      made.close();
      await server.stop();
    });
    return { server, store: redisBudgets(made.client) };
  }

  it('are answered from without asking Redis, which is asked for the next one meanwhile', async () => {
    const { server, store } = await started();
    const hundred = budget(100);
    expect(await store.spend(hundred)).toEqual({ granted: true });
    const used = () => server.cli('get', `entra-guard:budgets:1:${hundred.key}`);
    expect(used()).toBe('5');
    // At once, and not as a promise: nothing waits for the network.
    expect(store.spend(hundred)).toEqual({ granted: true });
    expect(store.spend(hundred)).toEqual({ granted: true });
    await vi.waitFor(() => expect(used()).toBe('10'));
  });

  it('are all that is granted while Redis is away; further calls are refused, and nothing hangs', async () => {
    const { server, store } = await started();
    const hundred = budget(100);
    expect(await store.spend(hundred)).toEqual({ granted: true });
    expect(store.health()).toMatchObject({ part: 'budgets', status: 'up', shared: true, entries: 1 });
    await server.stop();
    expect(await granted(store, hundred, 20)).toBe(4);
    expect(await store.spend(hundred)).toEqual({ granted: false, retryAfterSeconds: 1 });
    // Also where nothing was taken before.
    expect(await store.spend(budget(1))).toEqual({ granted: false, retryAfterSeconds: 1 });
    expect(store.health()).toMatchObject({ status: 'degraded', lastError: expect.any(String) });
    await server.start();
    await vi.waitFor(async () => expect((await store.spend(budget(1))).granted).toBe(true), {
      timeout: 10_000,
    });
    expect(store.health()).toMatchObject({ status: 'up' });
  });

  it('are dropped when the store is closed, and what was counted stays counted', async () => {
    const { store } = await started();
    const two = budget(2);
    expect(await granted(store, two, 1)).toBe(1);
    await store.close();
    expect(store.health()).toMatchObject({ entries: 0 });
    expect(await granted(store, two, 3)).toBe(1);
  });

  it('are given an end, if a counter has lost it', async () => {
    const { server, store } = await started();
    const one = budget(1);
    server.cli('set', `entra-guard:budgets:1:${one.key}`, '1');
    expect(await store.spend(one)).toEqual({ granted: false, retryAfterSeconds: expect.any(Number) });
    expect(Number(server.cli('pttl', `entra-guard:budgets:1:${one.key}`))).toBeGreaterThan(0);
  });
});
