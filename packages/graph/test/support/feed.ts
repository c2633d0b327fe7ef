import { type LogEntry, memoryRevocations, type Revocations } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, vi } from 'vitest';
import { type GraphLeaverOptions, type GraphLeavers, graphLeavers } from '../../src/index.js';

export const HERE = 'https://api.contoso.example/entra/notify';
export const LIFECYCLE = 'https://api.contoso.example/entra/lifecycle';
export const SECRET = 'of-the-subscription-and-no-one-else';

/** One request to Microsoft Graph, below the base path. */
export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly init: RequestInit;
}

export interface TestFeed {
  readonly leavers: GraphLeavers;
  readonly revocations: Revocations;
  readonly entries: LogEntry[];
  /** What was asked of Graph. */
  readonly asked: Asked[];
  /** Answers in place of Graph where it returns something. */
  intercept: ((asked: Asked) => Response | Promise<Response> | undefined) | undefined;
}

const toClose: (() => Promise<unknown>)[] = [];

/** To be called by every file with feeds. */
export function closeAfterEach(): void {
  afterEach(async () => {
    for (const close of toClose.splice(0).reverse()) await close();
  });
}

export function closeLater(close: () => Promise<unknown>): void {
  toClose.push(close);
}

/** A local Entra with Ada, Bob and Eve, whose accounts are an hour old. */
export async function localEntra(): Promise<InProcessEntra> {
  const entra = await startEntra({ users: { ada: {}, bob: {}, eve: {} } });
  closeLater(() => entra.close());
  // Loads the local Graph, from whose start the accounts are.
  await entra.fetch(`${entra.graph}/users`, {
    headers: entra.app('job', { api: 'graph', roles: ['User.Read.All'] }).headers,
  });
  entra.advance('1h');
  return entra;
}

/** A feed on a local Entra, in one process. */
export function feedOn(entra: InProcessEntra, options: Partial<GraphLeaverOptions> = {}): TestFeed {
  const entries: LogEntry[] = [];
  const asked: Asked[] = [];
  const revocations = options.revocations ?? memoryRevocations({ margin: 0, now: entra.now });
  const feed: TestFeed = { leavers: undefined as never, revocations, entries, asked, intercept: undefined };
  const fetch = (async (input: string, init: RequestInit = {}) => {
    const one = { method: init.method ?? 'GET', path: input.slice(entra.graph.length), init };
    asked.push(one);
    return (await feed.intercept?.(one)) ?? entra.fetch(input, init);
  }) as typeof globalThis.fetch;
  const own = typeof options.graph === 'object' ? {} : { getToken: async () => tokenOf(entra), fetch };
  const leavers = graphLeavers({
    revocations,
    tenantId: entra.tenantId,
    ...own,
    pollEvery: 1,
    now: entra.now,
    log: (entry) => void entries.push(entry),
    ...options,
  });
  closeLater(() => leavers.stop());
  return Object.assign(feed, { leavers });
}

/** A feed that has read all users. */
export async function readyFeed(
  entra: InProcessEntra,
  options?: Partial<GraphLeaverOptions>,
): Promise<TestFeed> {
  const feed = feedOn(entra, options);
  await feed.leavers.start();
  await eventually(() => {
    if (feed.leavers.health().status !== 'up') throw new Error(JSON.stringify(feed.leavers.health()));
  });
  return feed;
}

export function tokenOf(entra: InProcessEntra, ...roles: string[]): string {
  return entra.app('leavers', { api: 'graph', roles: roles.length > 0 ? roles : ['User.Read.All'] }).token;
}

/** What a guard with these revocations says to a user's token. */
export function verdict(
  { revocations }: Pick<TestFeed, 'revocations'>,
  entra: InProcessEntra,
  name: string,
  issued = entra.now(),
): 'refused' | 'accepted' {
  const iat = Math.floor(issued / 1000);
  const caller = testAuth({
    kind: 'user',
    scopes: ['Read'],
    tenantId: entra.tenantId,
    objectId: entra.objectIdOf(name),
    claims: { iat, nbf: iat },
  });
  return revocations.find(caller) === undefined ? 'accepted' : 'refused';
}

/** Waits for something that happens within a bound. */
export function eventually<T>(expectation: () => T | Promise<T>, timeout = 20_000): Promise<T> {
  return vi.waitFor(expectation, { timeout, interval: 10 });
}

/** Waits until the feed has asked Graph for changes twice more, so that all that was known before was looked at. */
export async function twoPolls(feed: TestFeed): Promise<void> {
  const polls = () => feed.asked.filter(({ path }) => path.startsWith('/users/delta')).length;
  const before = polls();
  await eventually(() => {
    if (polls() < before + 2 || feed.leavers.health().waiting > 0)
      throw new Error(`${polls()} of ${before + 2}`);
  });
}

/** A poll that does not come within the test, so that notifications alone decide. */
export const rarely = { pollEvery: '1d' } as const;

/** A notification of Graph. */
export function notification(entra: InProcessEntra, name: string, change: object = {}) {
  const id = entra.objectIdOf(name);
  return {
    subscriptionId: '99999999-9999-4999-8999-999999999999',
    clientState: SECRET,
    changeType: 'updated',
    resource: `Users/${id}`,
    tenantId: entra.tenantId,
    resourceData: { '@odata.type': '#Microsoft.Graph.User', '@odata.id': `Users/${id}`, id },
    ...change,
  };
}

export function posted(body: unknown, url = HERE): Request {
  return new Request(url, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) });
}

export const json = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
  new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });

export const graphError = (status: number, code: string, headers: Record<string, string> = {}) =>
  json({ error: { code, message: 'as the test wants it' } }, status, headers);

/** A lifecycle notification of Graph. */
export const lifecycle = (
  entra: InProcessEntra,
  lifecycleEvent: unknown,
  subscriptionId: string,
  change = {},
) =>
  posted(
    { value: [{ subscriptionId, clientState: SECRET, tenantId: entra.tenantId, lifecycleEvent, ...change }] },
    LIFECYCLE,
  );
