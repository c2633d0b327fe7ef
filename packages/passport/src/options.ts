import type { CommonValidatorOptions, GuardSettings } from '@entra-guard/core';
import type { OtherStrategy, OtherValidator } from './compare/other-strategy.js';

/** Options that all strategies of passport-azure-ad have. */
export interface IBaseStrategyOption {
  /** The metadata document of the tenant or policy: `https://login.microsoftonline.com/{tenant}/v2.0/.well-known/openid-configuration`. */
  identityMetadata: string;
  /** This API's application (client) ID, a GUID. */
  clientID: string;
  /** Whether the tenant is Azure AD B2C, which needs `policyName`. Default `false`. */
  isB2C?: boolean | undefined;
  /** `false` accepts any tenant of Entra, with a warning. Default `true`. Prefer `tenants`. */
  validateIssuer?: boolean | undefined;
  /** Accepted issuers, compared exactly. Default: the issuer of `identityMetadata`. */
  issuer?: string | string[] | undefined;
  /** Least level of entries written to the console. Default `'warn'`, which includes why requests were refused. */
  loggingLevel?: 'info' | 'warn' | 'error' | undefined;
  /** With `legacyResponses`, `false` puts the reason into the challenge. Logs never contain tokens. Default `true`. */
  loggingNoPII?: boolean | undefined;
  /** Tolerated clock difference in whole seconds, at most 300. Default 300. */
  clockSkew?: number | undefined;
  /** Not supported. Give a `fetch` that uses the proxy. */
  proxy?: { port: string; host: string; protocol: 'http' | 'https' } | undefined;
}

/** Options of passport-azure-ad's `BearerStrategy`, and more. Unknown options are ignored, as passport-azure-ad does. */
export interface IBearerStrategyOption extends IBaseStrategyOption, MigrationOptions, FurtherOptions {
  /** Accepted audiences, compared exactly. Default: `clientID` and `spn:{clientID}`. */
  audience?: string | string[] | undefined;
  /** The B2C user flow or custom policy. */
  policyName?: string | undefined;
  /** Has no effect: every token of Entra has one audience, and others are refused. */
  allowMultiAudiencesInToken?: boolean | undefined;
  /** Scopes by their short names, of which a token needs one. Default: no scope is required. */
  scope?: string[] | undefined;
  /** Whether `verify` gets the request as its first argument. Default `false`. */
  passReqToCallback?: boolean | undefined;
}

/** Like {@link IBearerStrategyOption}, with `passReqToCallback` required. */
export interface IBearerStrategyOptionWithRequest extends IBearerStrategyOption {
  passReqToCallback: boolean;
}

/** Options for a migration. Those that accept more tokens than the defaults log a warning once at start. */
export interface MigrationOptions {
  /** Accepts ID tokens, which every app gets when a user signs in to it. Default `false`. */
  allowIdTokens?: boolean | undefined;
  /** Accepts B2C tokens of every policy of the tenant, not only of `policyName`. Default `false`. Prefer `policies`. */
  allowOtherPolicies?: boolean | undefined;
  /** Accepts app-only tokens without a role, which every app of the tenant can get. Default `false`. */
  allowAppsWithoutRoles?: boolean | undefined;
  /** Answers refusals with the texts and statuses of passport-azure-ad in place of RFC 6750. Default `false`. */
  legacyResponses?: boolean | undefined;
  /** A strategy or validator that is asked too. Requests that it decides differently are published. Default: none. */
  compareWith?: OtherStrategy | OtherValidator | undefined;
  /** Whose answer the caller gets while `compareWith` is set. `'other'` needs a strategy. Default `'entra-guard'`. */
  answerFrom?: 'entra-guard' | 'other' | undefined;
}

/** Options of the core, which passport-azure-ad does not have. */
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
  /** GUIDs of the accepted tenants, or every organisation. For `/common/` and `/organizations/`. */
  tenants?: readonly string[] | 'any-organization' | undefined;
}
