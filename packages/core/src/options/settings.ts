import { type DurationRange, secondsOf } from '../base/duration.js';
import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import type { LogSink } from '../base/log.js';
import { ownOptions } from '../base/own-options.js';
import { printable, printableOptions } from '../base/printable.js';
import { areForAssertions } from './assertion.js';
import { type Audiences, resolveAudiences, resolveClientId } from './audiences.js';
import { type CacheLimits, resolveCache } from './cache-limits.js';
import { CLOUD_NAMES } from './clouds.js';
import { type Concessions, NO_CONCESSIONS } from './concessions.js';
import { SETTING_NAMES } from './guard-settings.js';
import { type KeyLimits, resolveKeys, resolveLimits } from './key-limits.js';
import { resolveSeed, type Seed } from './key-snapshot.js';
import { assertNoLocalEntra } from './loopback-authority.js';
import { assertKnown, flag, fn, oneOf } from './option-readers.js';
import type {
  Algorithm,
  Cloud,
  CommonValidatorOptions,
  EntraOptions,
  Owner,
  ValidatorOptions,
} from './options.js';
import { assertNoOverlap } from './overlap.js';
import { resolveOwner } from './owner.js';
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
  /** `undefined` for the adapter's default. */
  readonly log: LogSink | false | undefined;
  readonly limits: KeyLimits;
  readonly seed: Seed | undefined;
  /** `undefined` if tokens are not cached. */
  readonly cache: CacheLimits | undefined;
  readonly isRevoked: CommonValidatorOptions['isRevoked'];
  readonly owner: Owner | undefined;
  readonly concessions: Concessions;
}

/**
 * One function for all validators, so that they can share keys. Looks the global up at each call, so that tests can
 * replace it.
 */
const globalFetch: typeof globalThis.fetch = (...request) => globalThis.fetch(...request);
const systemNow = (): number => Date.now();

const TOLERANCE: DurationRange = { standard: '1m', least: 0, most: '5m' };

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
  dangerouslyAllowLoopbackAuthority: true,
};

/** The names of a validator's options. */
export const OPTION_NAMES: readonly string[] = Object.freeze(Object.keys(NAMES));

/**
 * Validates options and fills in the defaults.
 *
 * @throws ConfigurationError that names the option, the given value and the fix
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
  if (areForAssertions(given)) {
    throw new ConfigurationError(
      'assertion is set where an authority is expected.',
      'A guard reads access tokens or assertions, and not both: give it { assertion } alone, and another guard the authority.',
    );
  }
  const options = ownOptions('The options object', given, OPTION_NAMES);
  assertKnown('option', options, OPTION_NAMES, SETTING_NAMES);
  const keys = resolveKeys(options.keys);
  const cloud = oneOf('cloud', options.cloud ?? 'public', CLOUD_NAMES);
  const clientId = resolveClientId(options.clientId);
  const tenancy = resolveTenancy(options, cloud);
  assertNoLocalEntra(options, tenancy);
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
    clockTolerance: secondsOf('clockTolerance', options.clockTolerance, TOLERANCE),
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
 * Like {@link resolveSettings}, for one authority or several. Also refuses authorities that overlap.
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

function resolveAppClients(options: EntraOptions, tenancy: Tenancy): ReadonlySet<string> {
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
