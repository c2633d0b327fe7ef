import {
  allOf,
  anyScope,
  authenticated,
  type CheckContext,
  type CommonValidatorOptions,
  ConfigurationError,
  check,
  type Grant,
  type Guard,
  type LogSink,
  ownOptions,
  secondsOf,
  type ValidatorOptions,
} from '@entra-guard/core';
import { createMigrationGuard, limitedLog, type MigrationTerms } from '@entra-guard/core/migration';
import { type Comparison, resolveComparison } from './compare/comparison.js';
import { inOurWords, misconfigured } from './configuration.js';
import { resolveLog, safely } from './logging.js';
import type { IBearerStrategyOption } from './options.js';
import { type Lease, TenantGuards } from './tenant-guards.js';
import { assertTenant } from './tenant-name.js';
import { resolveTrust, type Trust } from './trust.js';
import { warnOnce } from './warnings.js';

/** The resolved options. */
export interface Setup {
  /**
   * Returns the guard for a request. Release it afterwards.
   *
   * @param tenantIdOrName the option of `passport.authenticate`
   * @throws ConfigurationError
   */
  readonly guardFor: (tenantIdOrName: unknown) => Lease;
  /** Checks the token, then calls the test, which may be slow and may have side effects. */
  readonly requirement: Grant;
  readonly passRequest: boolean;
  readonly legacyResponses: boolean;
  /** Whether challenges contain reasons. Only with `legacyResponses`. */
  readonly reasonsToCallers: boolean;
  /** Never throws. */
  readonly log: LogSink;
  /** The comparison with another strategy or validator, if `compareWith` is set. */
  readonly comparison: Comparison | undefined;
}

const FLAGS = [
  'isB2C',
  'validateIssuer',
  'loggingNoPII',
  'allowMultiAudiencesInToken',
  'passReqToCallback',
  'allowIdTokens',
  'allowOtherPolicies',
  'allowAppsWithoutRoles',
  'legacyResponses',
] as const;

/**
 * Reads the options once. They are neither kept nor changed.
 *
 * @param test the last check of each decision, which calls the application's `verify`
 * @throws ConfigurationError
 */
export function resolveSetup(
  given: IBearerStrategyOption,
  test: (context: CheckContext) => Promise<boolean>,
): Setup {
  const options = copyOf(given);
  assertSupported(options);
  const sink = resolveLog(options);
  const limit = limited(sink, options.now);
  const trust = resolveTrust(options);
  // Each guard limits its own log entries. But callers can cause a guard for every tenant name they make up.
  const log = trust === undefined ? limit : sink;
  for (const [message, hint] of warningsFor(options))
    warnOnce(safely(log), options.log || undefined, message, hint);
  const terms = resolveTerms(options);
  const common = resolveCommon(options, log);
  const { auditClaims, correlationId } = options;
  const settings = {
    ...(auditClaims === undefined ? {} : { auditClaims }),
    ...(correlationId === undefined ? {} : { correlationId }),
  };
  const build = (trust: Trust): Guard => {
    const { authority, terms: ofTrust, warnings, ...further } = trust;
    for (const [message, hint] of warnings) warnOnce(safely(log), options.log || undefined, message, hint);
    const authorities = [authority]
      .flat()
      .map((one) => ({ ...common, ...further, ...one }) as ValidatorOptions);
    return inOurWords(() => createMigrationGuard(authorities, { ...terms, ...ofTrust }, settings));
  };
  return {
    guardFor: trust === undefined ? perTenant(options, build) : always(build(trust)),
    requirement: resolveRequirement(options, test),
    passRequest: options.passReqToCallback === true,
    legacyResponses: options.legacyResponses === true,
    reasonsToCallers: options.loggingNoPII === false,
    log: safely(limit),
    comparison: resolveComparison(options),
  };
}

function limited(log: LogSink | false, now: unknown): LogSink | false {
  const clock = typeof now === 'function' ? (now as () => number) : () => Date.now();
  return log === false ? false : limitedLog(log, clock);
}

/** Copies the options, because guards for tenants are built later and must not see changes. */
function copyOf(given: IBearerStrategyOption): IBearerStrategyOption {
  const copies = Object.entries(given).map(([name, value]: [string, unknown]) => [
    name,
    Array.isArray(value) ? [...value] : value,
  ]);
  return ownOptions('BearerStrategy', Object.fromEntries(copies)) as IBearerStrategyOption;
}

function always(guard: Guard): Setup['guardFor'] {
  const lease: Lease = { guard, release: () => {} };
  return () => lease;
}

function perTenant(options: IBearerStrategyOption, build: (trust: Trust) => Guard): Setup['guardFor'] {
  // Builds one guard now, so that invalid options are reported at start and not at the first request.
  void build(resolveTrust(options, 'contoso.onmicrosoft.com') as Trust).close();
  const guards = new TenantGuards((tenant) => build(resolveTrust(options, tenant) as Trust));
  return (tenantIdOrName) => {
    if (typeof tenantIdOrName === 'string' && tenantIdOrName !== '') {
      assertTenant(tenantIdOrName);
      return guards.lease(tenantIdOrName);
    }
    throw new ConfigurationError(
      'In passport.authenticate: issuer or tenantIdOrName must be provided in order to validate issuer on common endpoint.',
      "List the accepted tenants: tenants: ['…']. Or pass tenantIdOrName to passport.authenticate.",
    );
  };
}

function assertSupported(options: IBearerStrategyOption & { readonly ignoreExpiration?: unknown }): void {
  if (!options.clientID) {
    throw misconfigured('clientID cannot be empty.', 'Set it to the application (client) ID of this API.');
  }
  if (typeof options.clientID !== 'string' || options.clientID === 'undefined') {
    throw misconfigured(
      `clientID is ${typeof options.clientID === 'string' ? "the text 'undefined'" : 'not a text'}.`,
      'Set it to the application (client) ID of this API. Is an environment variable unset?',
    );
  }
  for (const name of FLAGS) {
    const value = options[name];
    if (value === undefined || value === null || typeof value === 'boolean') continue;
    throw misconfigured(`${name} is not a boolean.`, `Use true or false, not a string: ${name}: false.`);
  }
  if (options.ignoreExpiration) {
    throw misconfigured(
      'ignoreExpiration is not supported: a stolen token would be accepted forever.',
      'Remove it. For tests, make fresh tokens with @entra-guard/testing.',
    );
  }
  if (options.proxy) {
    throw misconfigured(
      'proxy is not supported.',
      'Set fetch to a function that uses the proxy, such as undici with a ProxyAgent: fetch: (url, init) => fetch(url, { ...init, dispatcher }).',
    );
  }
  const { scope } = options;
  if (scope && !(Array.isArray(scope) && scope.length > 0)) {
    throw misconfigured(
      'scope must be a non-empty array.',
      "List scopes by their short names: ['Orders.Read'].",
    );
  }
  if ((scope || undefined)?.some((one) => typeof one !== 'string' || one === '')) {
    throw misconfigured(
      'scope contains an undefined or empty item.',
      'Is an environment variable unset? If the API requires no scope, remove the option.',
    );
  }
}

function warningsFor(options: IBearerStrategyOption): readonly (readonly [message: string, hint: string])[] {
  const warnings: [string, string][] = [];
  if (!options.scope && options.scope !== undefined && options.scope !== null) {
    warnings.push([
      'scope is empty, so no scope is required.',
      "List the scopes of which a token needs one: scope: ['Orders.Read']. Or remove the option. Is an environment variable unset?",
    ]);
  }
  if (options.allowIdTokens) {
    warnings.push([
      'allowIdTokens is on: every user who signs in to an app that shares this client ID may call, without a permission.',
      'Change clients to send an access token for a scope of this API, then remove the option.',
    ]);
  }
  if (options.allowOtherPolicies) {
    warnings.push([
      'allowOtherPolicies is on: tokens of every policy of the B2C tenant are accepted, also of weaker ones.',
      "List the accepted policies, then remove the option: policies: ['B2C_1_signin', 'B2C_1_edit'].",
    ]);
  }
  if (options.allowAppsWithoutRoles) {
    warnings.push([
      'allowAppsWithoutRoles is on: every app of the tenant may call without a permission.',
      'Give the apps that should call an application permission of this API, then remove the option.',
    ]);
  }
  if (options.answerFrom === 'other') {
    warnings.push([
      "answerFrom is 'other': the strategy in compareWith answers requests, and refusals of entra-guard are only published.",
      'Remove it when the disagreements are those you expect.',
    ]);
  }
  if (options.allowMultiAudiencesInToken) {
    warnings.push([
      'allowMultiAudiencesInToken has no effect: Entra writes one audience into every access token, and others are refused.',
      'Remove it.',
    ]);
  }
  return warnings;
}

function resolveTerms(options: IBearerStrategyOption): MigrationTerms {
  return {
    audiences: resolveAudiences(options),
    readBodyTokens: true,
    allowIdTokens: options.allowIdTokens === true,
    allowOtherPolicies: options.allowOtherPolicies === true,
  };
}

function resolveAudiences({ audience, clientID }: IBearerStrategyOption): readonly string[] {
  if (!audience) return [clientID, `spn:${clientID}`];
  if (typeof audience === 'string') return [audience];
  if (Array.isArray(audience) && audience.length > 0) return audience;
  throw misconfigured(
    'audience is neither a string nor a list of strings.',
    "Set it to the API's audience: 'api://…'.",
  );
}

function resolveCommon(options: IBearerStrategyOption, log: LogSink | false): CommonValidatorOptions {
  const { appClients, cache, customSigningKeys, fetch, isRevoked, keys, now, owner } = options;
  // Challenges name scopes in full. The application ID URI is usually among the audiences.
  const applicationIdUri =
    options.applicationIdUri ?? [options.audience ?? []].flat().find((one) => /^(api|https):\/\//.test(one));
  const given = {
    appClients,
    applicationIdUri,
    cache,
    customSigningKeys,
    fetch,
    isRevoked,
    keys: resolveKeys(keys),
    now,
    owner,
  };
  return {
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
    clientId: options.clientID,
    clockTolerance: resolveClockSkew(options.clockSkew),
    log,
  };
}

/** Seconds: half an hour, like passport-azure-ad, so that withdrawn keys are not trusted for longer. */
const SOFT_AGE = 1800;

function resolveKeys(given: IBearerStrategyOption['keys']): IBearerStrategyOption['keys'] {
  const keys = typeof given === 'object' && given !== null ? ownOptions('keys', given) : given;
  if (keys === undefined) return { softAge: SOFT_AGE };
  // The core refuses what is not an object.
  if (typeof keys !== 'object' || keys === null || keys.softAge !== undefined) return keys;
  // `hardAge` may be set alone to less than this soft age.
  const hardAge = secondsOf('keys.hardAge', keys.hardAge ?? 0, { least: 0 });
  return { ...keys, softAge: hardAge === 0 ? SOFT_AGE : Math.min(SOFT_AGE, hardAge) };
}

function resolveClockSkew(value: unknown): number {
  if (value === undefined || value === null) return 300;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 300) return value;
  throw misconfigured(
    typeof value === 'number' && value > 300
      ? `clockSkew is ${value}: expired tokens would be accepted for that many seconds.`
      : 'clockSkew must be a positive integer.',
    'Use seconds, at most 300. Synchronise clocks with NTP.',
  );
}

function resolveRequirement(
  { scope, allowAppsWithoutRoles }: IBearerStrategyOption,
  test: (context: CheckContext) => Promise<boolean>,
): Grant {
  return inOurWords(() => {
    // The option may be missing or empty. But an unset item of the list must not mean that no scope is required.
    const grant = !scope
      ? authenticated({ unassignedApps: allowAppsWithoutRoles === true })
      : anyScope(...(scope as [string, ...string[]]));
    return allOf(grant, check('the verify callback', test));
  });
}
