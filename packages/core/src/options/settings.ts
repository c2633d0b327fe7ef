import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import type { LogSink } from '../base/log.js';
import { ownOptions } from '../base/own-options.js';
import { mayBeSecret, printable, printableOptions } from '../base/printable.js';
import type { KeyLimits } from '../keys/documents/remote-document.js';
import { type Audiences, audienceList, normalizedAudience } from '../token/checks/audience.js';
import { CLOUD_NAMES } from './clouds.js';
import { type Concessions, NO_CONCESSIONS } from './concessions.js';
import { assertOwnAudience } from './foreign-audience.js';
import { resolveSeed, type Seed } from './key-snapshot.js';
import type {
  Algorithm,
  CacheOptions,
  Cloud,
  CommonValidatorOptions,
  Owner,
  ValidatorOptions,
} from './options.js';
import { assertNoOverlap } from './overlap.js';
import { resolveTenancy, type Tenancy } from './tenancy.js';

/** Options after validation: every default filled in, copied, frozen. */
export interface Settings {
  readonly tenancy: Tenancy;
  readonly audiences: Audiences;
  readonly cloud: Cloud;
  readonly appClients: ReadonlySet<string>;
  readonly customSigningKeys: boolean;
  /** Seconds. */
  readonly clockTolerance: number;
  readonly algorithms: readonly Algorithm[];
  readonly fetch: typeof globalThis.fetch;
  readonly now: () => number;
  /** `undefined`: whatever the adapter's default is. */
  readonly log: LogSink | false | undefined;
  readonly limits: KeyLimits;
  readonly seed: Seed | undefined;
  /** `undefined`: no token is remembered. */
  readonly cache: Required<CacheOptions> | undefined;
  readonly isRevoked: CommonValidatorOptions['isRevoked'];
  readonly owner: Owner | undefined;
  readonly concessions: Concessions;
}

/** One function for all validators, so that they can share keys; looked up late, so that tests can replace the global. */
const globalFetch: typeof globalThis.fetch = (...request) => globalThis.fetch(...request);
const systemNow = (): number => Date.now();

const NAMES: Readonly<
  Record<keyof (CommonValidatorOptions & { tenantId: 1; tenants: 1; authority: 1 }), true>
> = {
  tenantId: true,
  tenants: true,
  authority: true,
  clientId: true,
  applicationIdUri: true,
  audience: true,
  cloud: true,
  policies: true,
  appClients: true,
  customSigningKeys: true,
  clockTolerance: true,
  algorithms: true,
  fetch: true,
  now: true,
  log: true,
  keys: true,
  cache: true,
  isRevoked: true,
  owner: true,
};

/** What a validator can be told. */
export const OPTION_NAMES: readonly string[] = Object.freeze(Object.keys(NAMES));

/**
 * Validates options and fills in the defaults.
 *
 * @throws ConfigurationError that names the option, what was given and the fix
 */
export function resolveSettings(
  given: ValidatorOptions,
  concessions: Concessions = NO_CONCESSIONS,
): Settings {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw new ConfigurationError(
      `The options are ${printableOptions(given)}.`,
      'Pass an object: { tenantId, clientId }.',
    );
  }
  const options = ownOptions('The options object', given, OPTION_NAMES);
  assertKnown('option', options, OPTION_NAMES);
  const keys = resolveKeys(options.keys);
  const cloud = oneOf('cloud', options.cloud ?? 'public', CLOUD_NAMES);
  const clientId = resolveClientId(options.clientId);
  const tenancy = resolveTenancy(options, cloud);
  if (tenancy.kind === 'single' && tenancy.tenant === clientId) {
    throw new ConfigurationError(
      `tenantId and clientId are the same GUID, ${clientId}.`,
      'The overview page of the app registration shows both: "Application (client) ID" and "Directory (tenant) ID".',
    );
  }
  const settings: Settings = {
    tenancy,
    audiences: resolveAudiences(options, clientId, concessions.audiences),
    cloud,
    appClients: resolveAppClients(options, tenancy),
    customSigningKeys: flag('customSigningKeys', options.customSigningKeys),
    clockTolerance: resolveTolerance(options.clockTolerance),
    algorithms: resolveAlgorithms(options.algorithms),
    fetch: fn('fetch', options.fetch) ?? globalFetch,
    now: fn('now', options.now) ?? systemNow,
    log: options.log === false ? false : fn('log', options.log),
    limits: resolveLimits(keys),
    seed: resolveSeed(keys.seed),
    cache: resolveCache(options.cache),
    isRevoked: fn('isRevoked', options.isRevoked),
    owner: resolveOwner(options.owner),
    concessions,
  };
  return Object.freeze(settings);
}

/**
 * The same for one authority or several.
 *
 * @throws ConfigurationError
 */
export function resolveAllSettings(
  options: ValidatorOptions | readonly ValidatorOptions[],
): readonly Settings[] {
  const list = Array.isArray(options)
    ? (options as readonly ValidatorOptions[])
    : [options as ValidatorOptions];
  if (list.length === 0) {
    throw new ConfigurationError(
      'No authority was given.',
      'Pass the options of at least one: { tenantId, clientId }.',
    );
  }
  const settings = list.map((one) => resolveSettings(one));
  assertNoOverlap(settings);
  return settings;
}

/** Fails for members that nobody reads: a misspelt option would silently be the default. */
export function assertKnown(what: string, given: object, names: readonly string[]): void {
  for (const name of Object.keys(given)) {
    if (names.includes(name)) continue;
    const near = names.find((known) => known.toLowerCase() === name.toLowerCase() || isNear(known, name, 2));
    throw new ConfigurationError(
      `There is no ${what} '${printable(name)}'.`,
      near ? `Did you mean '${near}'?` : `Known: ${names.join(', ')}.`,
    );
  }
}

/** Whether Levenshtein's distance is at most `edits`; only ever used on the few short names above. */
function isNear(a: string, b: string, edits: number): boolean {
  if (a === b) return true;
  if (Math.abs(a.length - b.length) > edits) return false;
  const [restOfA, restOfB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return isNear(restOfA, restOfB, edits);
  if (edits === 0) return false;
  return (
    isNear(restOfA, b, edits - 1) || isNear(a, restOfB, edits - 1) || isNear(restOfA, restOfB, edits - 1)
  );
}

function resolveClientId(value: unknown): string {
  if (value === undefined || value === '' || value === 'undefined' || value === 'null') {
    throw new ConfigurationError(
      `clientId is ${value === undefined ? 'missing' : `'${value}'`}.`,
      'Set it to the application (client) ID of this API. Is an environment variable unset?',
    );
  }
  if (isGuid(value)) return value.toLowerCase();
  const text = typeof value === 'string' ? value : '';
  if (text.startsWith('api://')) {
    throw new ConfigurationError(
      `clientId is '${printable(text)}', an application ID URI.`,
      'Set clientId to the GUID and, if it is not api://{clientId}, applicationIdUri to this.',
    );
  }
  if (mayBeSecret(text)) {
    throw new ConfigurationError(
      'clientId looks like a client secret.',
      'Set it to the application (client) ID, a GUID. An API that only validates tokens needs no secret; if this one was committed or logged, replace it in Entra.',
    );
  }
  const harmless = text.length < 16 || /^[0-9a-f-]+$/i.test(text);
  throw new ConfigurationError(
    `clientId is ${harmless ? printable(value, 60) : `${text.length} characters of something else`}, which is not a GUID.`,
    'Copy "Application (client) ID" from the overview page of the API\'s app registration.',
  );
}

function resolveAudiences(
  options: ValidatorOptions,
  clientId: string,
  exactly: ReadonlySet<string> | undefined,
): Audiences {
  const { applicationIdUri = `api://${clientId}` } = options;
  if (typeof applicationIdUri !== 'string' || !URL.canParse(applicationIdUri)) {
    throw new ConfigurationError(
      `applicationIdUri is ${printable(applicationIdUri)}, which is no URI.`,
      `Copy "Application ID URI" from "Expose an API" of the app registration, such as api://${clientId}.`,
    );
  }
  assertOwnAudience('clientId', clientId);
  assertOwnAudience('applicationIdUri', applicationIdUri);
  const own = [clientId, applicationIdUri].map(normalizedAudience);
  return Object.freeze({
    clientId,
    applicationIdUri: normalizedAudience(applicationIdUri),
    accepted: exactly ?? new Set([...own, ...audienceList(options.audience)]),
  });
}

function resolveAppClients(options: ValidatorOptions, tenancy: Tenancy): ReadonlySet<string> {
  const list: unknown = options.appClients ?? [];
  if (!Array.isArray(list) || !list.every(isGuid)) {
    throw new ConfigurationError(`appClients is ${printable(list)}.`, "List the daemons' client IDs, GUIDs.");
  }
  if (list.length > 0 && !(tenancy.kind === 'authority' && tenancy.b2c)) {
    throw new ConfigurationError(
      'appClients is set, and the authority is not Azure AD B2C.',
      'Remove it: everywhere else tokens themselves say whether they are app-only.',
    );
  }
  return new Set(list.map((id) => id.toLowerCase()));
}

function resolveTolerance(value: unknown = 60): number {
  if (typeof value === 'number' && value >= 0 && value <= 300) return value;
  throw new ConfigurationError(
    `clockTolerance is ${printable(value)}.`,
    'It is in seconds, from 0 to 300; 60 by default.',
  );
}

function resolveAlgorithms(value: unknown = ['RS256']): readonly Algorithm[] {
  const list = Array.isArray(value) ? value : [];
  if (list.length === 0 || !list.every((one) => one === 'RS256' || one === 'PS256')) {
    throw new ConfigurationError(
      `algorithms is ${Array.isArray(value) ? `[${value.map((one) => printable(one)).join(', ')}]` : printable(value)}.`,
      "Allowed are 'RS256', which Entra uses, and 'PS256'.",
    );
  }
  return Object.freeze([...new Set(list)]);
}

const LIMITS: Readonly<Record<keyof KeyLimits, { readonly standard: number; readonly least: number }>> = {
  softAge: { standard: 3_600_000, least: 1000 },
  hardAge: { standard: 86_400_000, least: 0 },
  coolDown: { standard: 30_000, least: 1000 },
  timeout: { standard: 5000, least: 10 },
  maxBytes: { standard: 1_048_576, least: 1024 },
};

function resolveKeys(given: unknown = {}): Readonly<Record<string, unknown>> {
  assertObject('keys', given, '{ softAge, hardAge, coolDown, timeout, maxBytes, seed }');
  const names = [...Object.keys(LIMITS), 'seed'];
  const keys = ownOptions('keys', given, names);
  assertKnown('option in keys called', keys, names);
  return keys as Readonly<Record<string, unknown>>;
}

function resolveLimits(values: Readonly<Record<string, unknown>>): KeyLimits {
  const limit = (name: keyof KeyLimits): number => {
    const { standard, least } = LIMITS[name];
    const value = values[name] ?? standard;
    if (typeof value === 'number' && Number.isFinite(value) && value >= least) return value;
    throw new ConfigurationError(
      `keys.${name} is ${printable(value)}.`,
      `It is in ${name === 'maxBytes' ? 'bytes' : 'milliseconds'}, at least ${least}; ${standard} by default.`,
    );
  };
  const limits: KeyLimits = {
    softAge: limit('softAge'),
    hardAge: limit('hardAge'),
    coolDown: limit('coolDown'),
    timeout: limit('timeout'),
    maxBytes: limit('maxBytes'),
  };
  if (limits.hardAge !== 0 && limits.hardAge < limits.softAge) {
    throw new ConfigurationError(
      `keys.hardAge (${limits.hardAge}) is less than keys.softAge (${limits.softAge}).`,
      'Keys are refreshed from the soft age on and dropped at the hard age; 0 drops them at the soft age.',
    );
  }
  return Object.freeze(limits);
}

const CACHE: Readonly<
  Record<keyof CacheOptions, { readonly standard: number; readonly most: number; readonly what: string }>
> = {
  maxEntries: { standard: 10_000, most: 1_000_000, what: 'a whole number of tokens' },
  maxBytes: { standard: 33_554_432, most: Number.MAX_SAFE_INTEGER, what: 'a whole number of bytes' },
  maxAge: { standard: 86_400, most: 86_400, what: 'a whole number of seconds' },
};

function resolveCache(given: unknown = {}): Required<CacheOptions> | undefined {
  if (given === false) return undefined;
  assertObject('cache', given, '{ maxEntries, maxBytes, maxAge }, or false for none');
  const values = ownOptions('cache', given as Readonly<Record<string, unknown>>, Object.keys(CACHE));
  assertKnown('option in cache called', values, Object.keys(CACHE));
  const limit = (name: keyof CacheOptions): number => {
    const { standard, most, what } = CACHE[name];
    const value = values[name] ?? standard;
    if (Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most)
      return value as number;
    throw new ConfigurationError(
      `cache.${name} is ${printable(value)}.`,
      `It is ${what}, from 1 to ${most}; ${standard} by default. To remember no token, set cache: false.`,
    );
  };
  return Object.freeze({
    maxEntries: limit('maxEntries'),
    maxBytes: limit('maxBytes'),
    maxAge: limit('maxAge'),
  });
}

/**
 * Reads who answers for the API.
 *
 * @throws ConfigurationError
 */
export function resolveOwner(value: unknown): Owner | undefined {
  if (value === undefined) return undefined;
  assertObject('owner', value, "{ team: 'Orders' }");
  const names = ['team', 'contact', 'onCall'];
  const given = ownOptions('owner', value, names);
  assertKnown('option in owner called', given, names);
  const filled = Object.entries(given).filter(([, fact]) => fact !== undefined);
  const facts: Record<string, unknown> = ownOptions('owner', Object.fromEntries(filled));
  if (facts.team && Object.values(facts).every((fact) => typeof fact === 'string')) {
    return Object.freeze({ ...facts } as unknown as Owner);
  }
  throw new ConfigurationError(
    'owner names no team.',
    "Write owner: { team: 'Orders', contact: 'orders@…', onCall: 'orders-oncall@…' }.",
  );
}

/** Fails for what is no object where options belong. */
export function assertObject(name: string, value: unknown, example: string): asserts value is object {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return;
  throw new ConfigurationError(`${name} is ${printable(value)}.`, `Pass an object: ${example}.`);
}

function fn<F extends (...parameters: never[]) => unknown>(
  name: string,
  value: F | undefined,
): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new ConfigurationError(`${name} is ${printable(value)}.`, 'Pass a function, or leave it out.');
}

export function flag(name: string, value: unknown): boolean {
  if (value === undefined || typeof value === 'boolean') return value ?? false;
  throw new ConfigurationError(`${name} is ${printable(value)}.`, 'Pass true or false.');
}

function oneOf<T extends string>(name: string, value: unknown, allowed: readonly T[]): T {
  const found = allowed.find((one) => one === value);
  if (found !== undefined) return found;
  throw new ConfigurationError(
    `${name} is ${printable(value)}.`,
    `Use ${allowed.map((one) => `'${one}'`).join(', ')}.`,
  );
}
