import type { CredentialError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { assertOneToken, B64TOKEN, malformed, readBearerCredential, readBearerToken } from './bearer.js';
import type { RequestLike } from './headers.js';

/** What hosts with parsers put on their requests. */
interface ParsedRequest extends RequestLike {
  readonly body?: unknown;
  readonly query?: unknown;
}

/** RFC 6750 section 2.2: only methods for which a body means something. */
const WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD']);

/**
 * Reads the access token from the `Authorization` header, or from `access_token` in a parsed body (RFC 6750 section 2.2).
 * Only one of them may hold a token, and the query none (section 2; RFC 9700 section 4.3.2).
 *
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readHeaderOrBodyToken(request: RequestLike): string {
  const text = readHeaderOrBodyCredential(request);
  assertOneToken(text);
  return text;
}

/**
 * Reads what stands in the place of the access token, in the `Authorization` header or in a parsed body.
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
  // Says what is lacking, as if there were no body.
  if (request.method === undefined || WITHOUT_BODY.has(request.method.toUpperCase())) {
    return readBearerToken(request);
  }
  if (typeof inBody === 'string' && B64TOKEN.test(inBody)) return inBody;
  throw malformed('The access token in the body is not one token.', 'body');
}

/** Anything that is not empty counts as a token. */
function accessTokenIn(parsed: unknown): unknown {
  return typeof parsed === 'object' && parsed !== null
    ? ownMember(parsed as { readonly access_token?: unknown }, 'access_token')
    : undefined;
}

/** @throws CredentialError for a malformed header: it is unknown which of the two was meant */
function hasBearer(request: RequestLike): boolean {
  try {
    readBearerToken(request);
    return true;
  } catch (error) {
    if ((error as CredentialError).code === 'credentials_missing') return false;
    throw error;
  }
}
