import { createHash } from 'node:crypto';
import { OAuthError } from './oauth-error.js';

/** What a sign-in was asked to hold the redeemer of its code to (RFC 7636). */
export interface CodeChallenge {
  readonly challenge: string;
  readonly method: 'plain' | 'S256';
}

/** RFC 7636, sections 4.1 and 4.2: a verifier, and so a plain challenge; a SHA-256 in base64url has 43 characters. */
const CHALLENGE = /^[A-Za-z0-9._~-]{43,128}$/;

/**
 * Reads the challenge of a sign-in. Only a challenge without any method is a plain one (section 4.3).
 *
 * @throws {OAuthError} for a challenge or method that is not one, and for a method alone
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
      `Invalid code_challenge_method '${method}': it is 'S256' or 'plain', in exactly these letters.`,
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
 * Holds the redeemer of a code to the challenge of the sign-in (section 4.6).
 *
 * @throws {OAuthError} AADSTS501481, also for a verifier that nothing was asked of
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
