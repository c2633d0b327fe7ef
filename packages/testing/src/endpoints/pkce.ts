import { createHash } from 'node:crypto';
import { OAuthError } from './oauth-error.js';

/** The code challenge of an authorization request (RFC 7636). */
export interface CodeChallenge {
  readonly challenge: string;
  readonly method: 'plain' | 'S256';
}

/** The form of a verifier and a challenge (RFC 7636, sections 4.1 and 4.2). SHA-256 in base64url has 43 characters. */
const CHALLENGE = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * Reads the challenge of an authorization request. Without a method it is `plain` (RFC 7636, section 4.3).
 *
 * @throws {OAuthError} for an invalid challenge, an invalid method, and a method without a challenge
 */
export function codeChallengeOf(query: URLSearchParams): CodeChallenge | undefined {
  const challenge = query.get('code_challenge');
  const method = query.get('code_challenge_method');
  if (challenge === null) {
    if (method === null) return undefined;
    throw new OAuthError(
      'invalid_request',
      50147,
      `The request has a code_challenge_method, '${method}', but no code_challenge.`,
    );
  }
  if (method !== null && method !== 'plain' && method !== 'S256') {
    throw new OAuthError(
      'invalid_request',
      50149,
      `Invalid code_challenge_method '${method}'. Use 'S256' or 'plain'; the case matters.`,
    );
  }
  if (!CHALLENGE.test(challenge)) {
    throw new OAuthError(
      'invalid_request',
      501491,
      'Invalid size of Code_Challenge parameter: a code_challenge has 43 to 128 letters, digits and "-._~".',
    );
  }
  return { challenge, method: method ?? 'plain' };
}

/**
 * Refuses a sign-in without PKCE, or with `plain`, whose verifier stands in the request.
 *
 * @throws {OAuthError} AADSTS9002325
 */
export function assertProofKey(asked: CodeChallenge | undefined): void {
  if (asked?.method === 'S256') return;
  throw new OAuthError(
    'invalid_request',
    9002325,
    "Proof Key for Code Exchange is required for a client without a credential: send code_challenge, with the method 'S256'.",
  );
}

/**
 * Verifies the code verifier against the challenge (RFC 7636, section 4.6).
 *
 * @throws {OAuthError} AADSTS501481 when they do not match, and for a verifier without a challenge
 */
export function assertVerifier(asked: CodeChallenge | undefined, verifier: string | null): void {
  if (asked === undefined && verifier === null) return;
  if (asked !== undefined && verifier !== null && derived(asked.method, verifier) === asked.challenge) return;
  throw new OAuthError(
    'invalid_grant',
    501481,
    'The Code_Verifier does not match the code_challenge supplied in the authorization request.',
  );
}

function derived(method: CodeChallenge['method'], verifier: string): string {
  return method === 'S256' ? createHash('sha256').update(verifier).digest('base64url') : verifier;
}
