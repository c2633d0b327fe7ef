import type { JsonWebKey } from 'node:crypto';
import { ConfigurationError } from '../base/errors.js';
import type { LogSink } from '../base/log.js';
import { isSecure } from '../base/loopback.js';
import { ownOptions } from '../base/own-options.js';
import { printable, printableOptions } from '../base/printable.js';
import { type KeyLimits, resolveKeys, resolveLimits } from './key-limits.js';
import { assertKnown, assertObject, fn } from './option-readers.js';
import type { CommonValidatorOptions, KeyOptions, Owner } from './options.js';
import { resolveOwner } from './owner.js';

/** Which assertions are accepted. Exactly one of `jwksUri` and `keys`. */
export interface AcceptedAssertions {
  /** The origin of the service that signs them: `iss`, compared as text. */
  readonly issuer: string;
  /** This application's name or origin, as the policy names it: `aud`, compared as text. */
  readonly audience: string;
  /** Where the service publishes its keys: `/jwks.json` of its admin listener. `https`, or `http` on this machine. */
  readonly jwksUri?: string;
  /** The public keys of the service, as JSON Web Keys (RFC 7517). */
  readonly keys?: readonly JsonWebKey[];
}

/**
 * Options behind a service that decides and signs who called, such as `entra-guard authz`: callers are known by the header
 * `X-Entra-Assertion`, and by nothing else.
 */
export interface AssertionOptions extends WithoutAuthority {
  readonly assertion: AcceptedAssertions;
  /** Makes the requests for `jwksUri`. Default `globalThis.fetch`, looked up at each use. */
  readonly fetch?: typeof globalThis.fetch;
  /** Milliseconds since the epoch. Default `Date.now`, looked up at each use. */
  readonly now?: () => number;
  /** Receives log entries; `false` for none. Default: `console` for warnings and errors. */
  readonly log?: LogSink | false;
  /** Limits of fetching and keeping the keys of `jwksUri`. Default `softAge: '5m'`, `hardAge: '24h'`. */
  readonly keys?: Omit<KeyOptions, 'seed'>;
  /** Who is responsible for the API. */
  readonly owner?: Owner;
  readonly tenantId?: never;
  readonly tenants?: never;
  readonly authority?: never;
}

/** What belongs to an authority. */
type WithoutAuthority = {
  readonly [Name in Exclude<
    keyof CommonValidatorOptions,
    'fetch' | 'now' | 'log' | 'keys' | 'owner'
  >]?: never;
};

/** The options after validation. */
export interface AssertionSettings {
  readonly issuer: string;
  readonly audience: string;
  /** Where the keys are, or the keys. */
  readonly source: { readonly url: string } | { readonly keys: readonly unknown[] };
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  readonly log: LogSink | false | undefined;
  readonly limits: KeyLimits;
  readonly owner: Owner | undefined;
}

const NAMES = ['assertion', 'fetch', 'now', 'log', 'keys', 'owner'] as const;
const OWN = ['issuer', 'audience', 'jwksUri', 'keys'] as const;
const EXAMPLE =
  "{ issuer: 'https://gate.contoso.example', audience: 'orders', jwksUri: 'http://127.0.0.1:4181/jwks.json' }";

const globalFetch: typeof globalThis.fetch = (...request) => globalThis.fetch(...request);
const systemNow = (): number => Date.now();

/** Tells whether options are of this kind. */
export function areForAssertions(given: unknown): given is AssertionOptions {
  return typeof given === 'object' && given !== null && Object.hasOwn(given, 'assertion');
}

/**
 * Validates the options.
 *
 * @throws ConfigurationError that names the option, the given value and the fix
 */
export function resolveAssertion(given: AssertionOptions): AssertionSettings {
  const options = ownOptions('The options object', given, NAMES);
  const authority = Object.keys(options).find((name) => !(NAMES as readonly string[]).includes(name));
  if (authority !== undefined) {
    throw new ConfigurationError(
      `${printable(authority)} is set next to assertion.`,
      `Behind a service that signs who called, only that counts: leave ${printable(authority)} out. Known next to assertion: ${NAMES.slice(1).join(', ')}.`,
    );
  }
  assertObject('assertion', options.assertion, EXAMPLE);
  const own = ownOptions('assertion', options.assertion, OWN);
  assertKnown('option in assertion called', own, OWN);
  return Object.freeze({
    issuer: issuerFrom(own.issuer),
    audience: textFrom('audience', own.audience),
    source: sourceFrom(own),
    fetch: fn('fetch', options.fetch) ?? globalFetch,
    now: fn('now', options.now) ?? systemNow,
    log: options.log === false ? false : fn('log', options.log),
    limits: resolveLimits({ softAge: '5m', ...resolveKeys(options.keys) }),
    owner: resolveOwner(options.owner),
  });
}

function issuerFrom(value: unknown): string {
  const text = textFrom('issuer', value);
  if (URL.canParse(text) && new URL(text).origin === text) return text;
  throw new ConfigurationError(
    `assertion.issuer is ${printable(text)}, which is not an origin.`,
    "Write it as the service does, without a path: 'https://gate.contoso.example'.",
  );
}

function textFrom(name: string, value: unknown): string {
  if (typeof value === 'string' && value.trim() === value && value !== '') return value;
  throw new ConfigurationError(
    `assertion.${name} is ${value === '' ? "''" : printableOptions(value)}.`,
    `Write: assertion: ${EXAMPLE}. Is an environment variable unset?`,
  );
}

function sourceFrom({ jwksUri, keys }: Partial<AcceptedAssertions>): AssertionSettings['source'] {
  if ((jwksUri === undefined) === (keys === undefined)) {
    throw new ConfigurationError(
      `assertion has ${keys === undefined ? 'neither jwksUri nor keys' : 'both jwksUri and keys'}.`,
      'Set one: jwksUri, where the service publishes its keys, or the public keys themselves.',
    );
  }
  if (keys !== undefined) {
    if (Array.isArray(keys)) return { keys: Object.freeze(Array.from(keys)) };
    throw new ConfigurationError(
      `assertion.keys is ${printable(keys)}.`,
      'List public keys as JSON Web Keys: the member `keys` of the /jwks.json of the service.',
    );
  }
  const url = typeof jwksUri === 'string' && URL.canParse(jwksUri) ? new URL(jwksUri) : undefined;
  if (url !== undefined && isSecure(url) && url.username === '' && url.password === '') {
    return { url: url.href };
  }
  throw new ConfigurationError(
    `assertion.jwksUri is ${url === undefined ? printable(jwksUri) : `${url.protocol}//${url.host}${url.pathname}`}, which is not https, nor on this machine.`,
    'Keys that others on the network could replace prove nothing. Use https, or pass the public keys: assertion.keys.',
  );
}
