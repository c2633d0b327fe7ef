import type { DecisionPlace } from '../audit/decision-place.js';
import { ConfigurationError } from '../base/errors.js';
import { isGuid } from '../base/guid.js';
import type { LogSink } from '../base/log.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import { cloudFacts } from '../options/clouds.js';
import type { Settings } from '../options/settings.js';
import { isB2c } from '../options/tenancy.js';
import type { ValidatorSettings } from '../token/validator-contract.js';
import type { Guard } from './guard-contract.js';

/** A registered symbol, because another copy of the package may have made the guard. */
export const GUARD_ACCESS: unique symbol = Symbol.for('entra-guard/guard-access') as never;

/** An authority whose tokens a guard accepts, as clients are told of it. */
export interface ServedAuthority {
  /** The API's application (client) ID. */
  readonly clientId: string;
  /** The API's application ID URI, with which full scope names begin. */
  readonly applicationIdUri: string;
  /**
   * The authority of the one tenant, `https://login.microsoftonline.com/<tenant>/v2.0`; or as it was configured, without the
   * well-known path. `undefined` if more than one tenant is accepted.
   */
  readonly authority: string | undefined;
  /** The tenant in it, as it was configured: a GUID in lower case, or a domain. `undefined` without a known one. */
  readonly tenant: string | undefined;
  /** Whether it is Azure AD B2C. */
  readonly isB2c: boolean;
}

/** What a host needs that decides about the parts of a request one by one, such as the calls of an MCP server. */
export interface GuardAccess {
  readonly guard: Guard;
  /** Empty for a validator of another maker, and for stand-ins. */
  readonly authorities: readonly ServedAuthority[];
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: LogSink | false;
  /**
   * Authenticates ahead of the decision: records refusals, and nothing for a caller who is accepted.
   *
   * @returns `undefined` only with `optional`, for a request without credentials
   * @throws CredentialError, TokenError, UnavailableError (as rejections)
   */
  identify(
    request: RequestLike,
    place: DecisionPlace & { readonly optional?: boolean },
  ): Promise<AuthContext | undefined>;
  /**
   * The groups of a user who has too many for a token, in lower case; `undefined` for other callers, and without the setting
   * `groupsOf`.
   *
   * @throws UnavailableError (as a rejection)
   */
  groupsOf(auth: AuthContext): Promise<ReadonlySet<string> | undefined>;
}

/** Returns the access to a guard: one of the core, or of an adapter. @throws ConfigurationError for anything else */
export function guardAccessOf(guard: unknown): GuardAccess {
  const access =
    typeof guard === 'object' && guard !== null
      ? (guard as { readonly [GUARD_ACCESS]?: GuardAccess })[GUARD_ACCESS]
      : undefined;
  if (access !== undefined) return access;
  throw new ConfigurationError(
    'guard is not a guard of this project.',
    'Pass what entraGuard(...) or createGuard(...) gave, or leave it out and pass tenantId and clientId.',
  );
}

/** Describes the authorities of a validator. */
export function servedAuthorities({ candidates = [] }: ValidatorSettings): readonly ServedAuthority[] {
  return Object.freeze(candidates.map(({ authority }) => Object.freeze(served(authority.settings))));
}

function served(settings: Settings): ServedAuthority {
  const { clientId, applicationIdUri } = settings.audiences;
  return { clientId, applicationIdUri, ...placeOf(settings), isB2c: isB2c(settings) };
}

function placeOf({ tenancy, cloud }: Settings): Pick<ServedAuthority, 'authority' | 'tenant'> {
  if (tenancy.kind === 'authority') {
    const authority = tenancy.metadataUrl.replace(/\/\.well-known\/openid-configuration(?:\?.*)?$/, '');
    const tenant = new URL(authority).pathname.split('/').find(isGuid)?.toLowerCase();
    return { authority, tenant };
  }
  const tenant = tenantOf(tenancy);
  const authority = tenant && `https://${cloudFacts(cloud).loginHost}/${tenant}/v2.0`;
  return { authority, tenant };
}

function tenantOf(tenancy: Exclude<Settings['tenancy'], { kind: 'authority' }>): string | undefined {
  if (tenancy.kind === 'single') return tenancy.tenant;
  return tenancy.kind === 'list' && tenancy.tenants.size === 1 ? [...tenancy.tenants][0] : undefined;
}
