import type { AsyncLocalStorage } from 'node:async_hooks';
import type { RequestListener } from 'node:http';
import express from 'express5';
import { expect, it } from 'vitest';
import { listen } from '../../support/listen.js';

/** What an Express application keeps of a handler: the function itself, or what an agent made of it. */
interface Layer {
  readonly handle: { readonly name: string };
  readonly route?: { readonly stack: readonly Layer[] };
}

function registered(): { readonly own: object; readonly layer: Layer | undefined } {
  const app = express();
  const own: RequestListener = (_, response) => response.end();
  app.get('/', own);
  return { own, layer: app.router.stack.at(-1) as unknown as Layer | undefined };
}

/** Whether each of forty requests ran inside the storage. */
async function requestsInStorage(): Promise<readonly boolean[]> {
  const { lateStorage } = globalThis as unknown as { lateStorage: AsyncLocalStorage<object> };
  const inside: boolean[] = [];
  const { origin, close } = await listen((_, response) => {
    inside.push(lateStorage.getStore() !== undefined);
    response.end();
  });
  for (let request = 0; request < 40; request++) await fetch(origin);
  await close();
  return inside;
}

/** Each companion changes something in the process that the tables would otherwise not meet. */
const changes: Readonly<Record<string, () => unknown>> = {
  zone: () => Promise.name === 'ZoneAwarePromise',
  bluebird: () => 'promisifyAll' in Promise,
  // Other files of this process may have begun it already.
  'late-storage': async () => (await requestsInStorage()).at(-1),
  'new-relic': () => {
    const { own, layer } = registered();
    return layer?.route?.stack[0]?.handle !== own;
  },
  'elastic-apm': () =>
    Object.getOwnPropertySymbols(registered().layer?.handle ?? {}).some(
      ({ description }) => description === 'elasticAPMIsWrapped',
    ),
};

const companion = process.env.COMPANION ?? '';

it(`${companion} is loaded, so that the tables of this project run beside it`, async () => {
  expect(await changes[companion]?.()).toBe(true);
});
