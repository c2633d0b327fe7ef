import type { CredentialError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { type Attempt, B64TOKEN, malformed, readBearerToken } from './bearer.js';
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
 * @param attempt asked ahead about what the header holds
 * @throws CredentialError `credentials_missing` (401) or `credentials_malformed` (400)
 */
export function readHeaderOrBodyToken<Judged = never>(
  request: RequestLike,
  attempt?: Attempt<Judged>,
): string | Judged {
  const { body, query } = request as ParsedRequest;
  if (accessTokenIn(query)) throw malformed('The request has an access token in its query.', 'query');
  const inBody = accessTokenIn(body);
  if (!inBody) return readBearerToken(request, attempt);
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

/** Anything that is not empty counts: who sends it, means it. */
function accessTokenIn(parsed: unknown): unknown {
  return typeof parsed === 'object' && parsed !== null
    ? ownMember(parsed as { readonly access_token?: unknown }, 'access_token')
    : undefined;
}

/** @throws CredentialError for a header that is broken: nobody knows which of the two was meant */
function hasBearer(request: RequestLike): boolean {
  try {
    readBearerToken(request);
    return true;
  } catch (error) {
    if ((error as CredentialError).code === 'credentials_missing') return false;
    throw error;
  }
}
