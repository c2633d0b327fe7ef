import {
  type AuthContext,
  CredentialError,
  type Part,
  type RequestLike,
  TokenError,
  UnavailableError,
} from '@entra-guard/core';
import { authorizationOf } from '@entra-guard/core/connections';
import { type HandlerAccess } from '../handlers/handler-access.js';
import { hasPart } from '../handlers/parts.js';

type Caller = AuthContext | undefined;

/** One decision, with the credentials that it was made on. */
interface Decided {
  readonly given: string;
  readonly outcome: Promise<Caller>;
}

/** Errors for handlers without a declaration, by request. */
const errors = new WeakMap<RequestLike, WeakMap<object, unknown>>();

/** Makes an error once a request and handler. */
export function once<E>(credentials: RequestLike, by: object, make: () => E): E {
  const ofRequest = errors.get(credentials) ?? new WeakMap<object, unknown>();
  if (!ofRequest.has(by)) ofRequest.set(by, make());
  errors.set(credentials, ofRequest);
  return ofRequest.get(by) as E;
}

/** The decisions about one request's fields, by what their handlers require. */
const decisions = new WeakMap<RequestLike, WeakMap<object, Decided>>();

/**
 * Decides once about all fields of a request with one requirement: ten thousand aliases cost one decision, one error and one
 * audit event. A requirement with a `check`, a `limit` or an `approval` is decided for each field, since checks see its arguments, each
 * field counts, and an approval is for one; only a refused token is refused for all fields.
 *
 * @param credentials the same object for the whole request or operation, and another for the next
 * @param by the access of the handler, always the same object
 */
export async function decideOnce(
  credentials: RequestLike,
  by: object,
  decide: () => Caller | Promise<Caller>,
): Promise<Caller> {
  const given = credentialsIn(credentials);
  const known = decisions.get(credentials)?.get(by);
  if (known?.given !== given) {
    const outcome = (async () => decide())();
    const ofRequest = decisions.get(credentials) ?? new WeakMap<object, Decided>();
    decisions.set(credentials, ofRequest.set(by, { given, outcome }));
    return outcome;
  }
  if (!asksForEach(by)) return known.outcome;
  try {
    await known.outcome;
  } catch (error) {
    if (isOfToken(error)) throw error;
  }
  return decide();
}

/** The values of the request's `Authorization` header: a decision no longer counts when they change. */
function credentialsIn(credentials: RequestLike): string {
  const headers = credentials.headers as { readonly authorization?: unknown };
  return [...authorizationOf(credentials), headers.authorization].join('\n');
}

/** What is needed to know whose token it is, and whether it is still accepted. */
const OF_TOKEN: readonly Part[] = ['keys', 'hook', 'revocations'];

/** Whether the token itself is refused, for every field alike. */
function isOfToken(error: unknown): boolean {
  return (
    CredentialError.is(error) ||
    TokenError.is(error) ||
    (UnavailableError.is(error) && OF_TOKEN.includes(error.part))
  );
}

/** Kept for each access, whose requirement never changes. */
const forEach = new WeakMap<object, boolean>();

function asksForEach(by: object): boolean {
  let known = forEach.get(by);
  if (known === undefined) {
    const { requirement } = by as Partial<Extract<HandlerAccess, { mode: 'require' }>>;
    known = requirement !== undefined && hasPart(requirement.node, ['check', 'limit', 'approval']);
    forEach.set(by, known);
  }
  return known;
}
