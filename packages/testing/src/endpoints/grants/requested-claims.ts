import { type App, asksFor } from '../../directory/apps.js';
import { backDated } from '../../tokens/token-envelope.js';
import { OAuthError } from '../oauth-error.js';
import type { Grant } from '../sessions.js';

/** Seconds by which a token may begin to be valid later, since APIs tolerate as much. */
const tolerated = 60;

interface ClaimsRequest {
  readonly access_token?: {
    readonly acrs?: { readonly value?: string; readonly values?: readonly string[] } | null;
    readonly nbf?: { readonly value?: string } | null;
    readonly xms_cc?: { readonly values?: readonly string[] } | null;
  };
  readonly id_token?: { readonly auth_time?: unknown } | null;
}

/** Whether a `claims` parameter asks for `auth_time` in the ID token (OpenID Connect Core, 5.5). */
export function wantsAuthTime(parameter: string | undefined): boolean {
  return parameter !== undefined && parameter !== '' && parse(parameter)?.id_token?.auth_time !== undefined;
}

/**
 * Returns the claims that the `claims` parameter adds to an access token: the authentication contexts it asks for, which
 * the local Entra takes as satisfied, and the client's capabilities if the API asks for them (`xms_cc`). If it asks for a
 * token that was issued after some time (`nbf`), the token is not back-dated to before it. An API that ended earlier
 * tokens just now demands one of the next second: it gets that.
 *
 * @param now milliseconds since the epoch
 */
export function requestedClaims(
  api: App,
  parameter: string | null | undefined,
  now: number,
): Record<string, unknown> {
  if (parameter === null || parameter === undefined || parameter === '') return {};
  const { acrs, nbf, xms_cc } = parse(parameter)?.access_token ?? {};
  const contexts = acrs?.values ?? (acrs?.value === undefined ? undefined : [acrs.value]);
  const capabilities = asksFor(api, 'xms_cc') ? xms_cc?.values : undefined;
  const issuedAfter = demandedNbf(nbf?.value, now);
  return {
    ...(issuedAfter === undefined ? {} : { iat: issuedAfter, nbf: issuedAfter }),
    ...(contexts === undefined ? {} : { acrs: contexts }),
    ...(capabilities === undefined ? {} : { xms_cc: capabilities }),
  };
}

/** Returns the authentication contexts that a `claims` parameter asks for, such as `c1`. */
export function contextsIn(parameter: string | undefined): readonly string[] {
  if (parameter === undefined || parameter === '') return [];
  const { values, value } = parse(parameter)?.access_token?.acrs ?? {};
  const asked: readonly unknown[] = Array.isArray(values) ? values : [value];
  return asked.filter((one): one is string => typeof one === 'string');
}

/**
 * Refuses a request for authentication contexts that the sign-in did not reach, where a page stands for what reaches them.
 *
 * @param carried contexts of the token that is exchanged
 * @throws {OAuthError} AADSTS50076 with `claims`: the user has to sign in with these
 */
export function assertReached({ claims, signIn }: Pick<Grant, 'claims' | 'signIn'>, carried: unknown): void {
  const reached = new Set<unknown>([...(signIn.contexts ?? []), ...(Array.isArray(carried) ? carried : [])]);
  const missing = contextsIn(claims).filter((one) => !reached.has(one));
  if (missing.length === 0) return;
  throw new OAuthError(
    'invalid_grant',
    50076,
    `The user has to do more to reach the authentication context ${missing.join(', ')}: send an interactive authorization request with these claims.`,
    400,
    {
      suberror: 'basic_action',
      claims: JSON.stringify({ access_token: { acrs: { essential: true, values: missing } } }),
    },
  );
}

/** Returns the demanded time in seconds since the epoch, if a token that is issued now can meet it. */
function demandedNbf(value: unknown, now: number): number | undefined {
  if (typeof value !== 'string' || !/^[0-9]{1,12}$/.test(value)) return undefined;
  const seconds = Math.floor(now / 1000);
  const demanded = Number(value);
  return demanded > seconds - backDated && demanded <= seconds + tolerated ? demanded : undefined;
}

function parse(parameter: string): ClaimsRequest | null {
  try {
    return JSON.parse(parameter) as ClaimsRequest | null;
  } catch {
    throw new OAuthError('invalid_request', 9002313, "The 'claims' parameter is not JSON.");
  }
}
