import {
  type AuthContext,
  CredentialError,
  type EntraGuardError,
  type ErrorCode,
  PermissionError,
} from '@entra-guard/core';

/** Challenges of passport-azure-ad, for clients that depend on these texts. */
const UNVERIFIED = 'In Strategy.prototype.jwtVerify: cannot verify token';
const UNKNOWN_KEY = 'In Strategy.prototype.jwtVerify: We did not receive a token we know how to validate';
const NOT_DECODED = 'In Strategy.prototype.jwtVerify: Invalid JWT token.';
const REFUSED = 'error: invalid_token';

/**
 * Match the core's explanation of a malformed JWT, and of a header without a key. passport-azure-ad had other texts for
 * them, but not for a payload that is not an object.
 */
const NO_JWT = /^Token refused by its form: found (one part|[0-9]+ parts|a part that is not canonical)/;
const NO_KEY = /^Token refused by its key ID \(kid\):/;

/** Texts of passport-azure-ad with `loggingNoPII: false`, which named the failed check. */
const REASONS: Partial<Readonly<Record<ErrorCode, string>>> = {
  algorithm_not_allowed: 'invalid algorithm',
  signature_invalid: 'invalid signature',
  issuer_not_accepted: 'jwt issuer is invalid',
  tenant_not_accepted: 'jwt issuer is invalid',
  audience_not_accepted: 'jwt audience is invalid',
  token_expired: 'jwt is expired',
  token_not_yet_valid: 'jwt is not active',
};

/** The parts of a request that decide the text. */
interface Parts {
  readonly body?: unknown;
  readonly query?: unknown;
}

/** Returns the challenge of a refusal, in the exact words of passport-azure-ad. */
export function legacyChallenge(
  error: EntraGuardError,
  request: object,
  auth: AuthContext | undefined,
  withReason: boolean,
): string {
  if (CredentialError.is(error)) return credentialChallenge(error, request);
  if (PermissionError.is(error)) return permissionChallenge(error, auth);
  if (error.code === 'signing_key_not_found' || NO_KEY.test(error.explanation)) return UNKNOWN_KEY;
  if (NO_JWT.test(error.explanation)) return refusedChallenge(NOT_DECODED, withReason);
  return (withReason ? REASONS[error.code] : undefined) ?? UNVERIFIED;
}

/**
 * Returns the challenge when `verify` found no user.
 *
 * @param info the application's reason. It is shortened, and characters that a header can't hold are replaced
 */
export function refusedChallenge(info: unknown, withReason: boolean): string {
  const text = typeof info === 'string' ? info : serialized(info);
  if (!withReason || !info || text === '') return REFUSED;
  return `${REFUSED}, error description: ${text.slice(0, 500).replace(/[^\x20-\x7e]/g, '?')}`;
}

function serialized(info: unknown): string {
  try {
    return JSON.stringify(info) ?? '';
  } catch {
    return '';
  }
}

function credentialChallenge(error: CredentialError, request: object): string {
  if (error.code === 'credentials_missing') return 'token is not found';
  const { body, query } = request as Parts;
  if (accessTokenIn(query)) {
    return 'In Strategy.prototype.authenticate: access_token should be passed in request header or body. query is unsupported';
  }
  if (!accessTokenIn(body)) return 'token is not found';
  return 'In Strategy.prototype.authenticate: access_token cannot be passed in both request header and body';
}

function accessTokenIn(parsed: unknown): boolean {
  return (
    typeof parsed === 'object' && parsed !== null && 'access_token' in parsed && Boolean(parsed.access_token)
  );
}

function permissionChallenge(error: PermissionError, auth: AuthContext | undefined): string {
  if (error.code !== 'scope_missing') return UNVERIFIED;
  return auth?.claims.scp
    ? 'In Strategy.prototype.jwtVerify: none of the scopes in token is accepted'
    : 'In Strategy.prototype.jwtVerify: scope is not found in token';
}
