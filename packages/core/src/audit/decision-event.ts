import type { ErrorCode } from '../base/errors.js';
import { EventChannel } from '../base/event-channel.js';
import { printable } from '../base/printable.js';
import type { AgentFacts, AuthContext } from '../caller/auth-context.js';
import { headerOf, type RequestLike } from '../credential/headers.js';
import type { Owner } from '../options/options.js';

/** The name of the `node:diagnostics_channel` that carries {@link DecisionEvent}s. */
export const DECISION_CHANNEL = 'entra-guard:decision';

/** Who called, as the verified token says. Identifiers only; names and mail addresses are left out. */
export interface Who {
  readonly kind: 'user' | 'app';
  readonly tenantId: string;
  readonly objectId: string | undefined;
  readonly clientId: string;
  readonly subjectKey: string;
  readonly agent: AgentFacts | undefined;
}

/** What a token that was not verified claimed. Anybody can write anything there: a trace, never a proof. */
export interface Claimed {
  readonly issuer?: string;
  readonly audience?: string;
  readonly tenantId?: string;
  readonly objectId?: string;
  readonly clientId?: string;
  /** What the check found that refused the token, where that is of the token. */
  readonly found?: string;
}

/** One decision. Published for each, whether it let pass or not. Holds no token. */
export interface DecisionEvent {
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly outcome: 'allow' | 'deny';
  /** Why not; absent when allowed. */
  readonly code?: ErrorCode;
  /**
   * Why, for operators. Holds nothing that a token said of itself before its signature held: that is in {@link claimed}, and
   * in the log.
   */
  readonly explanation?: string;
  /** The route or handler, as the adapter names it. */
  readonly handler?: string;
  /** The requirement's printed form; absent where only a token was asked for. */
  readonly requirement?: string;
  /** What the requirement's authors recorded with `because`. */
  readonly reasons: readonly string[];
  /** Who answers: the guard's option `owner`, else the owner of the requirement's catalogue. */
  readonly owner?: Owner;
  /** Filled only after the token's signature held. */
  readonly who?: Who;
  readonly token?: {
    readonly id: string | undefined;
    readonly issuedAt: number | undefined;
    readonly expiresAt: number;
  };
  /** Filled only when it did not, and at most sixty times a minute. */
  readonly claimed?: Claimed;
  /** What the option `correlationId` gave, else the trace ID of a well-formed `traceparent` (W3C Trace Context). */
  readonly correlationId?: string;
  /** The claims that the option `auditClaims` names. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

const decisions = new EventChannel<DecisionEvent>(DECISION_CHANNEL);

/** Whether anybody listens. */
export function auditing(): boolean {
  return decisions.listening;
}

export function publish(event: DecisionEvent): void {
  decisions.publish(event);
}

/**
 * Calls `listener` with each decision of every guard in this process. What it throws is ignored: a broken listener must
 * not decide about requests, and `node:diagnostics_channel` by itself would end the process.
 *
 * @returns a function that ends it
 */
export function onDecision(listener: (event: DecisionEvent) => void): () => void {
  return decisions.on(listener);
}

/** The verified facts of an event. */
export function verifiedFacts(
  auth: AuthContext,
  auditClaims: readonly string[],
): Pick<DecisionEvent, 'who' | 'token' | 'claims'> {
  const { kind, tenantId, objectId, clientId, subjectKey, agent } = auth;
  const iat = auth.claims.iat;
  const token = {
    id: auth.tokenId,
    issuedAt: iat === undefined ? undefined : iat * 1000,
    expiresAt: auth.expiresAt,
  };
  const who = { kind, tenantId, objectId, clientId, subjectKey, agent };
  if (auditClaims.length === 0) return { who, token };
  const present = auditClaims.filter((name) => Object.hasOwn(auth.claims, name));
  return { who, token, claims: Object.fromEntries(present.map((name) => [name, auth.claims[name]])) };
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * What the application gives, bounded and escaped, since it may have it from the caller; else the trace ID of the
 * request's `traceparent`, if that is well formed. Anything else is dropped.
 */
export function correlationIdOf(
  request: RequestLike,
  given?: (header: (name: string) => string | undefined) => string | undefined,
): string | undefined {
  try {
    const id: unknown = given?.((name) => headerOf(request, name.toLowerCase()));
    if (typeof id === 'string' && id !== '') return printable(id, 100);
    // It may be an async function, whatever its type says.
    Promise.resolve(id).catch(() => {});
  } catch {
    // An event without the application's ID is better than none, and no reason to refuse a request.
  }
  try {
    return TRACEPARENT.exec(headerOf(request, 'traceparent') ?? '')?.[1];
  } catch {
    // The request is none, or its headers can't be read: the event is published all the same.
    return undefined;
  }
}
