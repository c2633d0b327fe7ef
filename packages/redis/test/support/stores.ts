import { type AuthContext, type LogEntry, type Revocations, UnavailableError } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { afterAll, vi } from 'vitest';
import { type RedisRevocationOptions, redisRevocations } from '../../src/index.js';
import { connect, type Login, type TestClient } from './clients.js';
import { RedisServer } from './redis-server.js';

const toClose: (() => Promise<void> | void)[] = [];

/** Has something closed after the tests of the file: they run side by side, since most of their time is waiting. */
export function closeLater(close: () => Promise<void> | void): void {
  toClose.push(close);
}

/** To be called by every file with such tests. */
export function closeAfterAll(): void {
  afterAll(async () => {
    // Stores before their servers.
    for (const close of toClose.splice(0).reverse()) await close();
  });
}

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const because = 'left the company, HR-1234';

/** The object ID of a person, by number. */
export const person = (number: number) => `22222222-2222-4222-8222-${String(number).padStart(12, '0')}`;
export const target = (number: number) => ({ user: person(number), tenantId: TENANT });

/** A caller whose token was issued at a time, in milliseconds since the epoch. */
export function caller(number: number, issued = Date.now()): AuthContext {
  const iat = Math.floor(issued / 1000);
  return testAuth({
    kind: 'user',
    scopes: ['Read'],
    tenantId: TENANT,
    objectId: person(number),
    claims: { iat, nbf: iat },
  });
}

/** What the store says about a person: `'revoked'`, `'accepted'`, or the code of the error. */
export function verdict(revocations: Revocations, number: number, issued?: number): string {
  try {
    return revocations.find(caller(number, issued)) === undefined ? 'accepted' : 'revoked';
  } catch (error) {
    return UnavailableError.is(error) ? error.code : String(error);
  }
}

/** Waits for something that happens within a bound, 15 seconds by default. */
export function eventually<T>(expectation: () => T | Promise<T>, timeout = 15_000): Promise<T> {
  return vi.waitFor(expectation, { timeout, interval: 10 });
}

/** A Redis of this test, on which a process has started before. */
export async function usedServer(...settings: string[]): Promise<RedisServer> {
  const server = await newServer(...settings);
  server.cli('set', '{entra-guard}:epoch', 'first');
  return server;
}

/** A Redis of this test, without any data. */
export async function newServer(...settings: string[]): Promise<RedisServer> {
  const server = await RedisServer.start(...settings);
  closeLater(() => server.close());
  return server;
}

export interface StartedStore {
  readonly revocations: Revocations;
  readonly entries: LogEntry[];
}

/** A process: a client and a store of its own. */
export async function startStore(
  clientName: string,
  port: number,
  options: Partial<RedisRevocationOptions> & { readonly login?: Login } = {},
): Promise<StartedStore> {
  const { login, ...settings } = options;
  const client = await connect(clientName, port, login);
  return storeOn(client, settings);
}

export function storeOn(client: TestClient, settings: Partial<RedisRevocationOptions> = {}): StartedStore {
  const entries: LogEntry[] = [];
  const revocations = redisRevocations(client.client, {
    whenStale: 'refuse',
    margin: 0,
    log: (entry) => void entries.push(entry),
    ...settings,
  });
  closeLater(async () => {
    await revocations.close();
    client.close();
  });
  return { revocations, entries };
}

/** A process that has read everything. */
export async function readyStore(...parameters: Parameters<typeof startStore>): Promise<StartedStore> {
  const store = await startStore(...parameters);
  await store.revocations.ready();
  return store;
}
