import type { ErrorCode } from '../base/code-status.js';
import {
  type ClaimsChallenge,
  CredentialError,
  type Enough,
  EntraGuardError,
  LimitError,
  type NeededApproval,
  PermissionError,
  RequestError,
  StepUpError,
  TokenError,
  UnavailableError,
} from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { malformedSentence, publicSentence } from './sentences.js';

/** The body of a refusal: `application/problem+json` (RFC 9457). */
export interface Problem {
  readonly title: string;
  readonly status: number;
  /** The stable code to switch on. */
  readonly code: ErrorCode | 'internal_error' | 'not_found';
  /** What went wrong, for callers: one sentence from a closed list. */
  readonly detail: string;
  /** The smallest set of permissions that would be enough. */
  readonly enough?: Enough;
  /** The optional claim that the access token lacks, if that is the reason. */
  readonly claim?: string;
  /** The approval that is needed first. `expiresAt` is in ISO 8601. */
  readonly approval?: { readonly id: string; readonly url?: string; readonly expiresAt: string };
  /** What was found and expected. Only with `explain: true`. */
  readonly explanation?: string;
  readonly hint?: string;
}

/** An HTTP answer that any host can write. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Problem;
}

/** Where the error happened, and how much {@link toHttp} tells callers. */
export interface AnswerContext {
  /** The protection space (RFC 9110 section 11.5). Default `''`. */
  readonly realm?: string;
  /**
   * Adds explanation and hint to the body. For development only: they tell callers how the API is set up. Default
   * `false`.
   */
  readonly explain?: boolean;
}

const TITLES: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  405: 'Method Not Allowed',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
};

/**
 * Returns the HTTP answer for an error: status, headers and body by RFC 6750, RFC 9457, RFC 9470 and Entra's claims
 * challenge. Answers 500 without details for anything but an {@link EntraGuardError}.
 */
export function toHttp(error: unknown, context: AnswerContext = {}): HttpAnswer {
  if (!EntraGuardError.is(error)) {
    return answer(500, {}, { code: 'internal_error', detail: 'The API failed to answer this request.' });
  }
  if (PermissionError.is(error) && error.status === 404) {
    return answer(404, {}, { code: 'not_found', detail: 'There is nothing here, or not for this caller.' });
  }
  const concealed = TokenError.is(error) && error.concealed && !error.verified;
  const code: ErrorCode = concealed ? 'token_not_accepted' : error.code;
  const enough = PermissionError.is(error) && Object.keys(error.enough).length > 0 ? error.enough : undefined;
  const claim = PermissionError.is(error) ? error.claim : undefined;
  const detail = isMalformed(error) ? malformedSentence(error.place) : sentence(code, claim);
  const facts: { -readonly [Name in keyof Facts]: Facts[Name] } = { code, detail };
  if (enough !== undefined) facts.enough = enough;
  if (claim !== undefined) facts.claim = claim;
  if (PermissionError.is(error) && error.approval !== undefined)
    facts.approval = shownApproval(error.approval);
  if (ownMember(context, 'explain') === true) {
    facts.explanation = error.explanation;
    facts.hint = error.hint;
  }
  return answer(error.status, headersFor(error, detail, ownMember(context, 'realm') ?? ''), facts);
}

function shownApproval(approval: NeededApproval): NonNullable<Problem['approval']> {
  const { id, expiresAt } = approval;
  const url = ownMember(approval, 'url');
  return { id, ...(url === undefined ? {} : { url }), expiresAt: new Date(expiresAt).toISOString() };
}

type Facts = Omit<Problem, 'title' | 'status'>;

function isMalformed(error: EntraGuardError): error is CredentialError {
  return CredentialError.is(error) && error.code === 'credentials_malformed';
}

/** Returns a sentence from a closed list. The claim's name comes from the requirement, never from a token. */
function sentence(code: ErrorCode, claim: string | undefined): string {
  return claim === undefined
    ? publicSentence(code)
    : `${publicSentence(code)} The access token does not carry the claim ${claim}.`;
}

function answer(status: number, headers: Record<string, string>, facts: Facts): HttpAnswer {
  return {
    status,
    headers: { ...headers, 'Cache-Control': 'no-store', 'Content-Type': 'application/problem+json' },
    body: { title: ownMember(TITLES, status) ?? 'Error', status, ...facts },
  };
}

function headersFor(error: EntraGuardError, detail: string, realm: string): Record<string, string> {
  if (UnavailableError.is(error) || LimitError.is(error)) return { 'Retry-After': String(error.retryAfter) };
  if (RequestError.is(error)) return error.allow.length === 0 ? {} : { Allow: error.allow.join(', ') };
  const challenge = challengeFor(error, detail, realm);
  return challenge === undefined ? {} : { 'WWW-Authenticate': challenge };
}

function challengeFor(error: EntraGuardError, description: string, realm: string): string | undefined {
  if (CredentialError.is(error)) {
    // RFC 6750 section 3.1: no error code for a request without credentials.
    if (error.status === 401) return fixedChallenge(realm);
    return fixedChallenge(realm, 'invalid_request', description);
  }
  if (TokenError.is(error)) {
    const { challenge } = error;
    return challenge ? claimsChallenge(challenge) : fixedChallenge(realm, 'invalid_token', description);
  }
  if (StepUpError.is(error)) return stepUpChallenge(error, realm, description);
  if (PermissionError.is(error) && !isAboutApproval(error.code)) {
    return bearer({
      realm,
      error: 'insufficient_scope',
      error_description: description,
      scope: ownMember(error.enough, 'scopes')?.join(' '),
    });
  }
  return undefined;
}

/** Whether a person has to decide: no token that the client could ask for would help. */
function isAboutApproval(code: ErrorCode): boolean {
  return code === 'approval_required' || code === 'approval_denied';
}

function stepUpChallenge(error: StepUpError, realm: string, description: string): string {
  const { stepUp } = error;
  if (stepUp.kind === 'sign-in') {
    return bearer({
      realm,
      error: 'insufficient_user_authentication',
      error_description: description,
      max_age: String(stepUp.maxAgeSeconds),
    });
  }
  return claimsChallenge(stepUp);
}

function claimsChallenge({ realm, authorizationUri, claims }: ClaimsChallenge): string {
  // Entra: claims challenge. Microsoft's client samples split this header at commas and '='. So no value holds free
  // text, a comma or '%', and the claims are in standard base64, not base64url.
  return bearer({
    realm,
    authorization_uri: authorizationUri,
    error: 'insufficient_claims',
    claims: Buffer.from(claims, 'utf8').toString('base64'),
  });
}

/** Challenges made so far, by error, description and realm. There are few of each. */
const challenges = new Map<string, string>();
const MAX_CHALLENGES = 200;

/** Returns a challenge that does not depend on the requirement. */
function fixedChallenge(realm: string, error?: string, description?: string): string {
  const key = `${error ?? ''} ${description ?? ''} ${realm}`;
  const known = challenges.get(key);
  if (known !== undefined) return known;
  const challenge = bearer({ realm, error, error_description: description });
  if (challenges.size >= MAX_CHALLENGES) challenges.clear();
  challenges.set(key, challenge);
  return challenge;
}

function bearer(parameters: Readonly<Record<string, string | undefined>>): string {
  const parts = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${quoted(value)}`],
  );
  return `Bearer ${parts.join(', ')}`;
}

/**
 * Writes a quoted string (RFC 9110 section 5.6.4) in printable ASCII, so that no value can end the string or the header
 * early.
 */
function quoted(value: string): string {
  return `"${value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`;
}
