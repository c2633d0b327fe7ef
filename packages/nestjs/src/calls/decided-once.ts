import {
  type AuthContext,
  CredentialError,
  KeysUnavailableError,
  type RequestLike,
  type Requirement,
  TokenError,
} from '@entra-guard/core';
import { authorizationOf } from '../contexts/authorization.js';
import { type HandlerAccess } from '../handlers/handler-access.js';

type Caller = AuthContext | undefined;

/** What came of one decision, by the credentials that it was made on. */
interface Decided {
  readonly given: string;
  readonly outcome: Promise<Caller>;
}

/** Errors for one request's handlers that nothing is declared for. */
const errors = new WeakMap<RequestLike, WeakMap<object, unknown>>();

/** Makes an error once a request and handler. */
export function once<E>(credentials: RequestLike, by: object, make: () => E): E {
  const ofRequest = errors.get(credentials) ?? new WeakMap<object, unknown>();
  if (!ofRequest.has(by)) ofRequest.set(by, make());
  errors.set(credentials, ofRequest);
  return ofRequest.get(by) as E;
}

/** What one request's fields were told, by the access of the handler, or the handler where it has none. */
const decisions = new WeakMap<RequestLike, WeakMap<object, Decided>>();

/**
 * Decides once about all fields of a request that ask the same of one caller: ten thousand of them, or their aliases, cost
 * one verdict, one error and one event. Where checks have a say, who see the arguments of a field, only a token that is
 * refused is refused for all.
 *
 * @param by what asks: the access of one handler, always the same object
 * @param credentials one object as long as the request or operation goes on, and another for the next
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
  if (!asksChecks(by)) return known.outcome;
  try {
    await known.outcome;
  } catch (error) {
    if (isOfToken(error)) throw error;
  }
  return decide();
}

/** A request's object may be given other credentials: what was decided is about those that were there. */
function credentialsIn(credentials: RequestLike): string {
  const headers = credentials.headers as { readonly authorization?: unknown };
  return [...authorizationOf(credentials), headers.authorization].join('\n');
}

/** Whether the token itself is refused, whatever a field asks. */
function isOfToken(error: unknown): boolean {
  return CredentialError.is(error) || TokenError.is(error) || KeysUnavailableError.is(error);
}

/** Asked once an access: its requirement never changes. */
const withChecks = new WeakMap<object, boolean>();

function asksChecks(by: object): boolean {
  let known = withChecks.get(by);
  if (known === undefined) {
    const { requirement } = by as Partial<Extract<HandlerAccess, { mode: 'require' }>>;
    known = requirement !== undefined && hasCheck(requirement.node);
    withChecks.set(by, known);
  }
  return known;
}

function hasCheck(node: Requirement['node']): boolean {
  if (node.kind === 'anyOf' || node.kind === 'allOf') return node.of.some(hasCheck);
  return node.kind === 'check';
}
