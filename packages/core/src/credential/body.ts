import type { CredentialError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { assertOneToken, B64TOKEN, malformed, readBearerCredential, readBearerToken } from './bearer.js';
import type { RequestLike } from './headers.js';

/** What body and query parsers add to a request. */
interface ParsedRequest extends RequestLike {
  readonly body?: unknown;
  readonly query?: unknown;
}

/** Methods whose body has no meaning, so that it must not hold a token (RFC 6750 section 2.2). */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Reads the access token from the `Authorization` header, or from `access_token` in a parsed body (RFC 6750 section
 * 2.2). Only one of them may hold a token, and the query must not (RFC 6750 section 2; RFC 9700 section 4.3.2).
 *
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readHeaderOrBodyToken(request: RequestLike): string {
  const text = readHeaderOrBodyCredential(request);
  assertOneToken(text);
  return text;
}

/**
 * Reads the credential from the `Authorization` header or a parsed body. Does not check that it is one token.
 *
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readHeaderOrBodyCredential(request: RequestLike): string {
  const { body, query } = request as ParsedRequest;
  if (accessTokenIn(query)) throw malformed('The request has an access token in its query.', 'query');
  const inBody = accessTokenIn(body);
  if (!inBody) return readBearerCredential(request);
  if (hasBearer(request)) {
    throw malformed('The request has an access token in its header and one in its body.', 'header and body');
  }
  // The body is ignored, so the error is about the header.
  if (request.method === undefined || WITHOUT_BODY.has(request.method.toUpperCase())) {
    return readBearerToken(request);
  }
  if (typeof inBody === 'string' && B64TOKEN.test(inBody)) return inBody;
  throw malformed('The access token in the body is not one token.', 'body');
}

/** Returns `access_token` of a parsed body or query. Any value that is not empty counts as a token. */
function accessTokenIn(parsed: unknown): unknown {
  return typeof parsed === 'object' && parsed !== null
    ? ownMember(parsed as { readonly access_token?: unknown }, 'access_token')
    : undefined;
}

/** @throws CredentialError if the header is malformed, because then it is unclear which of the two tokens is meant */
function hasBearer(request: RequestLike): boolean {
  try {
    readBearerToken(request);
    return true;
  } catch (error) {
    if ((error as CredentialError).code === 'credentials_missing') return false;
    throw error;
  }
}
