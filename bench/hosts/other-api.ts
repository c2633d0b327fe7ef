import { randomBytes } from 'node:crypto';
import { startEntra } from '@entra-guard/testing';
import { type Caller, type GetterName, getters, type OtherApi, SECRET } from '../contenders/other-api.js';
import { startStopwatch, type Timed } from '../engine/stopwatch.js';
import { answer } from './answering.js';

const [name = '', port = ''] = process.argv.slice(2);

const entra = await startEntra({
  apps: { orders: { scopes: ['Orders.Read'], secret: SECRET }, stock: { scopes: ['Stock.Read'] } },
  dangerouslyAllowProduction: true,
});
const scope = `api://${entra.clientIdOf('stock')}/Stock.Read`;
const api: OtherApi = { entra, scope, port: Number(port) };
const getter = await getters[name as GetterName](api);

let made = 0;
function newCallers(count: number): readonly Caller[] {
  return Array.from({ length: count }, () => {
    const { token, headers } = entra.user(`user${made++}`, { api: 'orders', scp: 'Orders.Read' });
    return { token, request: { headers: { ...headers } } };
  });
}

async function getAll(callers: readonly Caller[]): Promise<void> {
  for (const caller of callers) {
    if ((await getter.token(caller)) === '') throw new Error('There was no token.');
  }
}

/** The heap and what hangs on it, once nothing is left to collect. */
async function heap(): Promise<number> {
  for (let times = 0; times < 4; times++) {
    globalThis.gc?.();
    // Finalizers run between two turns of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

/** Answers token requests with random text as long as a token, so that what a local Entra remembers is not weighed. */
async function grantText(input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  if (request.method !== 'POST') return entra.fetch(request);
  const access_token = randomBytes(1000).toString('base64url');
  return Response.json({ access_token, token_type: 'Bearer', expires_in: 3599, scope });
}

let known: readonly Caller[] = [];
const questions = {
  /** Callers whose tokens come again. */
  again: async ({
    callers,
    seconds,
  }: {
    readonly callers: number;
    readonly seconds: number;
  }): Promise<Timed> => {
    if (known.length === 0) {
      known = newCallers(callers);
      for (const caller of known) await getter.prepare(caller);
    }
    await getAll(known);
    entra.requests.length = 0;
    globalThis.gc?.();
    const watch = startStopwatch();
    let operations = 0;
    do {
      await getAll(known);
      operations += known.length;
    } while (watch.seconds() < seconds);
    const timed = watch.stop(operations);
    if (entra.requests.length > 0) throw new Error('A token that should have been there was asked for.');
    return timed;
  },
  /** Callers that are new. */
  once: async (count: number): Promise<Timed> => {
    getter.forget();
    const callers = newCallers(count);
    for (const caller of callers) await getter.prepare(caller);
    globalThis.gc?.();
    const watch = startStopwatch();
    await getAll(callers);
    return watch.stop(count);
  },
  /** Bytes for each caller that has a token here, besides what the guard remembers of them. */
  weigh: async (count: number): Promise<number> => {
    const weighed = await getters['entra-guard, from the memory']({ ...api, fetch: grantText });
    const callers = newCallers(count);
    for (const caller of callers) await weighed.prepare(caller);
    await weighed.token(callers[0] as Caller);
    const before = await heap();
    for (const caller of callers.slice(1)) await weighed.token(caller);
    const after = await heap();
    // Not before: what is remembered must be there while it is weighed.
    await weighed.token(callers.at(-1) as Caller);
    return (after - before) / (count - 1);
  },
};

export type OtherApiQuestions = typeof questions;
answer(questions);
