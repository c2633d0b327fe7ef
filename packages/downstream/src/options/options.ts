import { ConfigurationError, type Duration, ownOptions, secondsOf } from '@entra-guard/core';
import { type MiddleTier, middleTierOf } from '@entra-guard/core/downstream';
import type { MemoryLimits } from '../cache/token-memory.js';
import { type ClientCredential, type Credential, credentialOf } from '../credential/credential.js';
import { entriesOf, type SealedEntries, type SealedStore } from '../store/sealed-store.js';
import { type ApiOptions, type ApiSettings, readApi } from './api-options.js';
import { assertKnown, shown } from './read.js';

/** Options of {@link createDownstream}. */
export interface DownstreamOptions<Name extends string> {
  /** The guard that judges the requests: what `entraGuard(...)` or `createGuard(...)` gave. */
  readonly guard: object;
  /** How this API proves to Entra who it is. */
  readonly credential: ClientCredential;
  /** The other APIs by name. */
  readonly apis: Readonly<Record<Name, ApiOptions>>;
  /** Where processes share tokens: `sealed(redisTokens(client), ring)`. Default: each process keeps its own, in memory. */
  readonly store?: SealedStore;
  /** How many tokens are kept in memory, and how many bytes they may take. Default 10,000 and 64 MiB. */
  readonly memory?: { readonly maxEntries?: number; readonly maxBytes?: number };
  /** How long to wait for the token endpoint. Default `'10s'`. */
  readonly timeout?: Duration;
  /** Calls the other APIs. Default: the guard's `fetch`. Token endpoints are always asked by the guard's. */
  readonly fetch?: typeof globalThis.fetch;
}

/** {@link DownstreamOptions} after validation. */
export interface DownstreamSettings {
  readonly tier: MiddleTier;
  readonly credential: Credential;
  readonly apis: readonly ApiSettings[];
  /** `undefined` for none. */
  readonly entries: SealedEntries | undefined;
  readonly memory: MemoryLimits;
  /** In milliseconds. */
  readonly timeout: number;
  readonly fetch: typeof globalThis.fetch | undefined;
}

const WHAT = 'createDownstream(...)';
const NAMES = ['guard', 'credential', 'apis', 'store', 'memory', 'timeout', 'fetch'] as const;

/** @throws ConfigurationError that says what was found, and what to pass */
export function readOptions(given: DownstreamOptions<string>): DownstreamSettings {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${WHAT} was given ${shown(given)}.`,
      'Pass an object: { guard, credential, apis }.',
    );
  }
  const options = ownOptions(WHAT, given, NAMES);
  assertKnown(WHAT, options, NAMES);
  const tier = middleTierOf(options.guard);
  assertMiddleTier(tier);
  const credential = credentialOf(options.credential);
  if (credential === undefined) {
    throw new ConfigurationError(
      `${WHAT}: credential is ${typeof options.credential === 'string' ? 'text, which is not shown' : shown(options.credential)}.`,
      'Pass managedIdentity(), federatedTokenFile(), certificate({ cert, key }), clientAssertion(fn) or secretFrom(fn).',
    );
  }
  const { fetch, store } = options;
  const entries = entriesOf(store);
  if (store !== undefined && entries === undefined) {
    throw new ConfigurationError(
      `${WHAT}: store is ${typeof store === 'object' ? 'not sealed' : shown(store)}.`,
      "Tokens are never stored in clear text: pass sealed(redisTokens(client), keyRing([{ id: '2026-11', secret }])).",
    );
  }
  if (fetch !== undefined && typeof fetch !== 'function') {
    throw new ConfigurationError(`${WHAT}: fetch is ${shown(fetch)}.`, 'Pass a function, or leave it out.');
  }
  const apis = readApis(options.apis);
  for (const { name, as } of apis) {
    if (as === 'managed-identity' && credential.identityToken === undefined) {
      throw new ConfigurationError(
        `apis.${name} is called as the managed identity, and the credential is none.`,
        `Pass credential: managedIdentity(), or leave as out of apis.${name}.`,
      );
    }
  }
  const timeout = 1000 * secondsOf(`${WHAT}: timeout`, options.timeout, { standard: '10s', least: '1s' });
  return { tier, credential, apis, entries, memory: readMemory(options.memory), timeout, fetch };
}

/** Refuses authorities for whose users no token could ever be exchanged. */
function assertMiddleTier({ authorities }: MiddleTier): void {
  if (authorities.length === 0) {
    throw new ConfigurationError(
      `${WHAT}: the guard has no authority that tokens could be got from.`,
      'Its validator is a stand-in, or of another maker. In unit tests use testDownstream(); else build the guard from { tenantId, clientId }.',
    );
  }
  if (authorities.some(({ isB2c }) => isB2c)) {
    throw new ConfigurationError(
      `${WHAT}: an authority of the guard is Azure AD B2C.`,
      'B2C has no on-behalf-of flow (Entra: request an access token in Azure AD B2C). Call the other API as this one, with a client library.',
    );
  }
  if (authorities.some(({ customSigningKeys }) => customSigningKeys)) {
    throw new ConfigurationError(
      `${WHAT}: the guard has customSigningKeys.`,
      "Entra does not exchange tokens that are signed with an application's own keys. Remove the claims mapping policy that needs them.",
    );
  }
}

function readApis(given: unknown): readonly ApiSettings[] {
  const example =
    "Pass an object: { graph: { baseUrl: 'https://graph.microsoft.com/v1.0', scopes: ['https://graph.microsoft.com/User.Read'] } }.";
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError(`${WHAT}: apis is ${shown(given)}.`, example);
  }
  const names = Object.keys(given);
  if (names.length === 0) throw new ConfigurationError(`${WHAT}: apis is empty.`, example);
  for (const name of names) {
    if (/^[A-Za-z][A-Za-z0-9_-]{0,63}$/.test(name)) continue;
    throw new ConfigurationError(
      `${WHAT}: apis has the name ${shown(name)}.`,
      'A name is a letter, and up to 63 letters, digits, hyphens and underscores.',
    );
  }
  return names.map((name) => readApi(name, (given as Record<string, ApiOptions>)[name] as ApiOptions));
}

function readMemory(given: unknown): MemoryLimits {
  if (given === undefined) return { maxEntries: 10_000, maxBytes: 67_108_864 };
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${WHAT}: memory is ${shown(given)}.`,
      'Pass an object: { maxEntries, maxBytes }.',
    );
  }
  const names = ['maxEntries', 'maxBytes'] as const;
  const options = ownOptions(`${WHAT}: memory`, given as Partial<MemoryLimits>, names);
  assertKnown(`${WHAT}: memory`, options, names);
  const { maxEntries = 10_000, maxBytes = 67_108_864 } = options;
  for (const [name, value] of Object.entries({ maxEntries, maxBytes })) {
    if (Number.isInteger(value) && value >= 0) continue;
    throw new ConfigurationError(
      `${WHAT}: memory.${name} is ${shown(value)}.`,
      'Pass a whole number; 0 keeps nothing.',
    );
  }
  return { maxEntries, maxBytes };
}
