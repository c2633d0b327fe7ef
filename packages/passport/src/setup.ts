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

/** What the options come to. */
export interface Setup {
  /**
   * The guard for a request, to be released afterwards.
   *
   * @param tenantIdOrName what `passport.authenticate` was told
   * @throws ConfigurationError
   */
  readonly guardFor: (tenantIdOrName: unknown) => Lease;
  /** Judges a token, then asks the test, which may be slow and have effects. */
  readonly requirement: Grant;
  readonly passRequest: boolean;
  readonly legacyResponses: boolean;
  /** Only with `legacyResponses`: whether reasons go into the challenge. */
  readonly reasonsToCallers: boolean;
  /** Never throws. */
  readonly log: LogSink;
  /** Asked beside this strategy, where there is another one. */
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
 * Reads the options once. They are not kept, and not changed.
 *
 * @param test ends each decision: the application's `verify`
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
  // A guard limits what it writes by itself; of guards for tenants there may be one for each name that callers think of.
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

/** Guards for tenants are built later, from what the options were at the start. */
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
  // What is wrong with the rest of the options shows at start, not at the first request.
  build(resolveTrust(options, 'contoso.onmicrosoft.com') as Trust).close();
  const guards = new TenantGuards((tenant) => build(resolveTrust(options, tenant) as Trust));
  return (tenantIdOrName) => {
    if (typeof tenantIdOrName === 'string' && tenantIdOrName !== '') {
      assertTenant(tenantIdOrName);
      return guards.lease(tenantIdOrName);
    }
    throw new ConfigurationError(
      'In passport.authenticate: issuer or tenantIdOrName must be provided in order to validate issuer on common endpoint.',
      "List the accepted tenants, which is best: tenants: ['…']. Or give tenantIdOrName to passport.authenticate.",
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
    throw misconfigured(`${name} is not a boolean.`, `Write true or false, not text: '${name}: false'.`);
  }
  if (options.ignoreExpiration) {
    throw misconfigured(
      'ignoreExpiration is not supported: a stolen token would be good for ever.',
      'Remove it. Tests get fresh tokens from @entra-guard/testing.',
    );
  }
  if (options.proxy) {
    throw misconfigured(
      'proxy is not supported.',
      'Give a fetch that goes through it, such as that of undici with a ProxyAgent: fetch: (url, init) => fetch(url, { ...init, dispatcher }).',
    );
  }
  const { scope } = options;
  if (scope && !(Array.isArray(scope) && scope.length > 0)) {
    throw misconfigured(
      'scope must be a non-empty array.',
      "Name scopes by their short names: ['Orders.Read'].",
    );
  }
  if ((scope || undefined)?.some((one) => typeof one !== 'string' || one === '')) {
    throw misconfigured(
      'scope holds something that is undefined or empty.',
      'Is an environment variable unset? An API that needs no scope in particular leaves the option out.',
    );
  }
}

function warningsFor(options: IBearerStrategyOption): readonly (readonly [message: string, hint: string])[] {
  const warnings: [string, string][] = [];
  if (!options.scope && options.scope !== undefined && options.scope !== null) {
    warnings.push([
      'scope is empty, so that no scope in particular is asked for.',
      "Name the scopes, any one of which is needed: scope: ['Orders.Read']. Or leave the option out. Is an environment variable unset?",
    ]);
  }
  if (options.allowIdTokens) {
    warnings.push([
      'allowIdTokens is on: whoever signs in to an app that shares this client ID may call, with no permission at all.',
      'Let clients send the access token for a scope of this API, then remove the option.',
    ]);
  }
  if (options.allowOtherPolicies) {
    warnings.push([
      'allowOtherPolicies is on: tokens of every policy of the B2C tenant pass, weaker ones included.',
      "List those that are meant, then remove the option: policies: ['B2C_1_signin', 'B2C_1_edit'].",
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
      "answerFrom is 'other': requests are answered by the strategy in compareWith, and our refusals are only published.",
      'Remove it when the disagreements are as they should be.',
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
  throw misconfigured('audience is neither a text nor a list with something in it.', "Name it: 'api://…'.");
}

function resolveCommon(options: IBearerStrategyOption, log: LogSink | false): CommonValidatorOptions {
  const { appClients, cache, customSigningKeys, fetch, isRevoked, keys, now, owner } = options;
  // Challenges name scopes in full: the API's URI is mostly among its audiences.
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

/** Withdrawn keys must not be trusted for longer than passport-azure-ad kept them: half an hour. */
const SOFT_AGE = 1_800_000;

function resolveKeys(given: IBearerStrategyOption['keys']): IBearerStrategyOption['keys'] {
  const keys = typeof given === 'object' && given !== null ? ownOptions('keys', given) : given;
  if (keys === undefined) return { softAge: SOFT_AGE };
  // What is no object is for the core to refuse.
  if (typeof keys !== 'object' || keys === null || keys.softAge !== undefined) return keys;
  // A shorter `hardAge` stays possible by itself.
  const softAge = keys.hardAge ? Math.min(SOFT_AGE, keys.hardAge) : SOFT_AGE;
  return { ...keys, softAge };
}

function resolveClockSkew(value: unknown): number {
  if (value === undefined || value === null) return 300;
  if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 300) return value;
  throw misconfigured(
    typeof value === 'number' && value > 300
      ? `clockSkew is ${value}: expired tokens would go on being good for that many seconds.`
      : 'clockSkew must be a positive integer.',
    'It is in seconds, at most 300. Set clocks by NTP.',
  );
}

function resolveRequirement(
  { scope, allowAppsWithoutRoles }: IBearerStrategyOption,
  test: (context: CheckContext) => Promise<boolean>,
): Grant {
  return inOurWords(() => {
    // Only the option itself may be left out, or empty. A member that is unset must not read as no scope being needed.
    const grant = !scope
      ? authenticated({ unassignedApps: allowAppsWithoutRoles === true })
      : anyScope(...(scope as [string, ...string[]]));
    return allOf(grant, check('the verify callback', test));
  });
}
