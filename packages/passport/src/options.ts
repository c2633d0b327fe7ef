import type { CommonValidatorOptions, GuardSettings } from '@entra-guard/core';
import type { OtherStrategy, OtherValidator } from './compare/other-strategy.js';

/** Options that passport-azure-ad has, beside the bearer strategy's own. */
export interface IBaseStrategyOption {
  /** The metadata document of the tenant or policy: `https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration`. */
  identityMetadata: string;
  /** This API's application (client) ID, a GUID. */
  clientID: string;
  /** Azure AD B2C: `policyName` is needed then. Default `false`. */
  isB2C?: boolean | undefined;
  /** `false`: any tenant of Entra may call, with a warning. Default `true`. Better: `tenants`. */
  validateIssuer?: boolean | undefined;
  /** Only these issuers, exactly. Default: the one that `identityMetadata` names. */
  issuer?: string | string[] | undefined;
  /** What is written to the console. Default `'warn'`, which tells why requests were refused. */
  loggingLevel?: 'info' | 'warn' | 'error' | undefined;
  /** Only with `legacyResponses`, where `false` puts the reason into the challenge. Logs never hold tokens. Default `true`. */
  loggingNoPII?: boolean | undefined;
  /** Tolerated clock difference in whole seconds, at most 300. Default 300. */
  clockSkew?: number | undefined;
  /** Not supported: give a `fetch` that goes through the proxy. */
  proxy?: { port: string; host: string; protocol: 'http' | 'https' } | undefined;
}

/** Options of passport-azure-ad's `BearerStrategy`, and some more. Others are ignored, as they were there. */
export interface IBearerStrategyOption extends IBaseStrategyOption, MigrationOptions, FurtherOptions {
  /** Exactly these audiences. Default: `clientID` and `spn:{clientID}`. */
  audience?: string | string[] | undefined;
  /** The B2C user flow or custom policy. */
  policyName?: string | undefined;
  /** No effect: Entra writes one audience into every token. */
  allowMultiAudiencesInToken?: boolean | undefined;
  /** Any one of these scopes is needed, by their short names. Default: none in particular. */
  scope?: string[] | undefined;
  /** Whether `verify` gets the request as its first argument. Default `false`. */
  passReqToCallback?: boolean | undefined;
}

/** As {@link IBearerStrategyOption}, for those who say whether the request is passed to `verify`. */
export interface IBearerStrategyOptionWithRequest extends IBearerStrategyOption {
  passReqToCallback: boolean;
}

/** For the time of a migration. What lets more in than the rules do warns once at start. */
export interface MigrationOptions {
  /** Accepts ID tokens, which any app gets that a user signs in to. Default `false`. */
  allowIdTokens?: boolean | undefined;
  /** Accepts B2C tokens of every policy of the tenant, not only of `policyName`. Default `false`. Better: `policies`. */
  allowOtherPolicies?: boolean | undefined;
  /** Accepts app-only tokens without any role, which every app of the tenant can get. Default `false`. */
  allowAppsWithoutRoles?: boolean | undefined;
  /** Answers refusals with the texts and statuses of passport-azure-ad, not those of RFC 6750. Default `false`. */
  legacyResponses?: boolean | undefined;
  /** Another strategy, or a validator, that is asked beside this one; disagreements are published. Default: none. */
  compareWith?: OtherStrategy | OtherValidator | undefined;
  /** Whose answer counts while `compareWith` is set. `'other'` needs a strategy there. Default `'entra-guard'`. */
  answerFrom?: 'entra-guard' | 'other' | undefined;
}

/** What passport-azure-ad did not have: options of the core. */
export interface FurtherOptions
  extends Partial<
      Pick<
        CommonValidatorOptions,
        | 'appClients'
        | 'applicationIdUri'
        | 'cache'
        | 'customSigningKeys'
        | 'fetch'
        | 'isRevoked'
        | 'keys'
        | 'log'
        | 'now'
        | 'owner'
        | 'policies'
      >
    >,
    Pick<GuardSettings, 'auditClaims' | 'correlationId'> {
  /** Tenants whose tokens are accepted, by their GUIDs, or every organisation. For `/common/` and `/organizations/`. */
  tenants?: readonly string[] | 'any-organization' | undefined;
}
