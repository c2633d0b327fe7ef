import { ConfigurationError, type Duration, ownOptions, secondsOf } from '@entra-guard/core';
import { isSecure } from '@entra-guard/core/downstream';
import { assertKnown, shown } from './read.js';

/** Another API, and how this one calls it. */
export interface ApiOptions {
  /**
   * Where it is, and below which path the token may go: `https://graph.microsoft.com/v1.0`. https, or http on loopback. A slash at
   * the end is added.
   */
  readonly baseUrl: string;
  /**
   * The scopes for calls on behalf of a user, in full: `https://graph.microsoft.com/User.Read`, `api://stock/Stock.Read`. Required for
   * `forCaller`.
   */
  readonly scopes?: readonly string[];
  /** The scope for calls as this API itself: `https://graph.microsoft.com/.default`. Required for `asApp`. */
  readonly appScope?: string;
  /**
   * As whom `asApp()` calls: `'app'`, the app registration, by client credentials; `'managed-identity'`, the identity of the machine,
   * which has another object ID and other roles. Default `'app'`.
   */
  readonly as?: 'app' | 'managed-identity';
  /**
   * Declares to Entra that claims challenges of this API are answered (Entra: continuous access evaluation, client capability `cp1`).
   * `fetch` and `json` do that. Default `true`.
   */
  readonly cae?: boolean;
  /** Sends again what was answered 429 or 503. Default: never. */
  readonly retry?: RetryOptions;
  /** How long to wait for the headers of an answer. Default `'30s'`. */
  readonly timeout?: Duration;
}

/** How to send again what was answered 429 or 503 with `Retry-After`. */
export interface RetryOptions {
  /** How often to send again, 1 to 5. Default 1. */
  readonly attempts?: number;
  /** The longest `Retry-After` to wait for. A longer one is handed on as the answer. Default `'10s'`. */
  readonly maxWait?: Duration;
}

/** {@link ApiOptions} after validation. */
export interface ApiSettings {
  readonly name: string;
  /** With a slash at the end. */
  readonly base: URL;
  readonly scopes: readonly string[];
  readonly appScope: string | undefined;
  readonly as: 'app' | 'managed-identity';
  /** `undefined`: not said, so `true` for `fetch` and `json`, and `false` where the token is handed out. */
  readonly cae: boolean | undefined;
  readonly retries: number;
  /** In milliseconds. */
  readonly maxWait: number;
  /** In milliseconds. */
  readonly timeout: number;
}

const NAMES = ['baseUrl', 'scopes', 'appScope', 'as', 'cae', 'retry', 'timeout'] as const;

/** @throws ConfigurationError */
export function readApi(name: string, given: ApiOptions): ApiSettings {
  const what = `apis.${name}`;
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${what} is ${shown(given)}.`,
      "Pass an object: { baseUrl: 'https://…', scopes: ['…'] }.",
    );
  }
  const options = ownOptions(what, given, NAMES);
  assertKnown(what, options, NAMES);
  const { as = 'app', cae } = options;
  if (as !== 'app' && as !== 'managed-identity') {
    throw new ConfigurationError(`${what}.as is ${shown(as)}.`, "Use 'app' or 'managed-identity'.");
  }
  if (cae !== undefined && typeof cae !== 'boolean') {
    throw new ConfigurationError(`${what}.cae is ${shown(cae)}.`, 'Pass true or false.');
  }
  const scopes = readScopes(what, options.scopes);
  const appScope = readAppScope(what, options.appScope);
  if (scopes.length === 0 && appScope === undefined) {
    throw new ConfigurationError(
      `${what} has neither scopes nor appScope.`,
      "For calls on behalf of users, name scopes: ['https://graph.microsoft.com/User.Read']. For calls as this API, appScope: 'https://graph.microsoft.com/.default'.",
    );
  }
  return Object.freeze({
    name,
    base: readBaseUrl(what, options.baseUrl),
    scopes,
    appScope,
    as,
    cae,
    ...readRetry(what, options.retry),
    timeout: 1000 * secondsOf(`${what}.timeout`, options.timeout, { standard: '30s', least: '1s' }),
  });
}

function readBaseUrl(what: string, given: unknown): URL {
  let url: URL | undefined;
  try {
    url = new URL(given as string);
  } catch {
    // Told below.
  }
  const secure = url !== undefined && isSecure(url);
  if (typeof given !== 'string' || url === undefined || !secure) {
    throw new ConfigurationError(
      `${what}.baseUrl is ${shown(given)}, which is not an https URL.`,
      "Pass the whole URL below which the token may go: 'https://graph.microsoft.com/v1.0'. http is for this machine alone.",
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new ConfigurationError(
      `${what}.baseUrl has a user, a query or a fragment.`,
      'Pass scheme, host and path alone. Nothing of it is shown here, because it may be a secret.',
    );
  }
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

function readScopes(what: string, given: unknown): readonly string[] {
  if (given === undefined) return [];
  const list: readonly unknown[] = Array.isArray(given) ? given : [];
  if (list.length === 0) {
    throw new ConfigurationError(
      `${what}.scopes is ${Array.isArray(given) ? 'an empty list' : shown(given)}.`,
      "Pass a list of full names: ['https://graph.microsoft.com/User.Read'].",
    );
  }
  for (const scope of list) assertScope(`${what}.scopes`, scope);
  return Object.freeze([...new Set(list as readonly string[])].sort(byCodeUnits));
}

/** The same order on every machine, whatever its language. */
function byCodeUnits(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}

function readAppScope(what: string, given: unknown): string | undefined {
  if (given === undefined) return undefined;
  assertScope(`${what}.appScope`, given);
  if (given.endsWith('/.default')) return given;
  throw new ConfigurationError(
    `${what}.appScope is '${given}'.`,
    `Application permissions come all at once: '${given.replace(/\/[^/]*$/, '')}/.default'.`,
  );
}

/** Entra adds these to what it gives for OpenID Connect; a token for an API has none of them. */
const RESERVED = new Set(['openid', 'profile', 'email', 'offline_access']);

function assertScope(what: string, scope: unknown): asserts scope is string {
  const reserved = typeof scope === 'string' && RESERVED.has(scope.toLowerCase());
  if (
    typeof scope === 'string' &&
    !reserved &&
    /^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope) &&
    scope.includes('/')
  )
    return;
  throw new ConfigurationError(
    `${what} holds ${shown(scope)}.`,
    reserved
      ? 'Leave it out: it belongs to sign-ins, and no refresh token is kept but for tickets.'
      : "Name each scope in full, with the API's application ID URI: 'api://stock/Stock.Read'.",
  );
}

function readRetry(what: string, given: unknown): Pick<ApiSettings, 'retries' | 'maxWait'> {
  if (given === undefined) return { retries: 0, maxWait: 0 };
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `${what}.retry is ${shown(given)}.`,
      "Pass an object: { attempts: 2, maxWait: '10s' }.",
    );
  }
  const options = ownOptions(`${what}.retry`, given as RetryOptions, ['attempts', 'maxWait']);
  assertKnown(`${what}.retry`, options, ['attempts', 'maxWait']);
  const { attempts = 1 } = options;
  if (!Number.isInteger(attempts) || attempts < 1 || attempts > 5) {
    throw new ConfigurationError(
      `${what}.retry.attempts is ${shown(attempts)}.`,
      'Pass a whole number from 1 to 5.',
    );
  }
  const maxWait =
    1000 * secondsOf(`${what}.retry.maxWait`, options.maxWait, { standard: '10s', least: '1s' });
  return { retries: attempts, maxWait };
}
