import { eventExplanation } from './audit/event-explanation.js';
import { limitedLog } from './base/log.js';
import { ownMember } from './base/own-member.js';
import { ownOptions } from './base/own-options.js';
import { readBearerCredential } from './credential/bearer.js';
import { readHeaderOrBodyCredential, readHeaderOrBodyToken } from './credential/body.js';
import { RequestGuard } from './guard/guard.js';
import type { Guard } from './guard/guard-contract.js';
import { type GuardSettings, pickSettings } from './guard/guard-options.js';
import { byToken } from './guard/identification.js';
import { audienceList } from './options/audiences.js';
import type { Concessions } from './options/concessions.js';
import {
  joinSettings,
  partOptions,
  resolveShared,
  SETTING_NAMES,
  type SettingsPlace,
  SHARED_NAMES,
  type SharedSettings,
} from './options/guard-settings.js';
import { assertKnown, flag } from './options/option-readers.js';
import type { ValidatorOptions } from './options/options.js';
import { resolveSettings } from './options/settings.js';
import { validatorFor } from './token/validator.js';

export { eventExplanation, limitedLog, readHeaderOrBodyToken };

/**
 * What an API may keep from its former validator during a migration. For adapters that replace another library, such as
 * `@entra-guard/passport`. `entraGuard` and `EntraGuardModule` don't have these options.
 */
export interface MigrationTerms {
  /** The accepted audiences. Default: the client ID and the application ID URI. */
  readonly audiences?: readonly string[] | undefined;
  /** The accepted issuers, of those that the authority has. Default: all. */
  readonly issuers?: readonly string[] | undefined;
  /** The accepted version of tokens. Default: both. */
  readonly version?: 'v1' | 'v2' | undefined;
  /** Also reads `access_token` from a parsed body, never from the query (RFC 6750 section 2.2). Default `false`. */
  readonly readBodyTokens?: boolean | undefined;
  /** Accepts ID tokens as if they were access tokens with the scope `openid`. Dangerous. Default `false`. */
  readonly allowIdTokens?: boolean | undefined;
  /** Accepts B2C tokens of any policy of the tenant. Dangerous. Default `false`. */
  readonly allowOtherPolicies?: boolean | undefined;
}

const NAMES: Readonly<Record<keyof MigrationTerms, true>> = {
  audiences: true,
  issuers: true,
  version: true,
  readBodyTokens: true,
  allowIdTokens: true,
  allowOtherPolicies: true,
};

const PLACE: SettingsPlace = {
  allowed: SETTING_NAMES,
  instead: (name) => `Pass it in the third argument: createMigrationGuard([…], {}, { ${name} }).`,
};

/**
 * Builds a guard with the terms of a migration. All other rules hold unchanged.
 *
 * @param options of one authority, or of several
 * @throws ConfigurationError for invalid options or terms
 */
export function createMigrationGuard(
  options: ValidatorOptions | readonly ValidatorOptions[],
  givenTerms: MigrationTerms,
  givenSettings: GuardSettings = {},
): Guard {
  const terms = ownOptions('The terms of a migration', givenTerms, Object.keys(NAMES));
  const settings = ownOptions('The settings of a guard', givenSettings);
  assertKnown('term of a migration called', terms, Object.keys(NAMES));
  assertKnown('setting of a guard called', settings, SETTING_NAMES);
  const concessions = concessionsOf(terms);
  const parted = partOptions(options, PLACE);
  const joined = joinSettings(parted.settings, settings, 'in the third argument');
  const given = SHARED_NAMES.map((name) => [name, ownMember(joined, name)]);
  const shared = resolveShared(Object.fromEntries(given) as SharedSettings);
  const authorities = [parted.authorities].flat().map((one) => resolveSettings(one, concessions));
  const validator = validatorFor(authorities, shared);
  const reads = flag('readBodyTokens', terms.readBodyTokens)
    ? readHeaderOrBodyCredential
    : readBearerCredential;
  return new RequestGuard(validator, pickSettings(joined), byToken(validator, reads));
}

function concessionsOf({
  audiences,
  issuers,
  version,
  allowIdTokens,
  allowOtherPolicies,
}: MigrationTerms): Concessions {
  return Object.freeze({
    audiences: audiences && new Set(audienceList(audiences)),
    issuers: issuers && new Set(issuers),
    version,
    idTokens: flag('allowIdTokens', allowIdTokens),
    otherPolicies: flag('allowOtherPolicies', allowOtherPolicies),
  });
}
