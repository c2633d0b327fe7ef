import type { ErrorCode } from '../base/code-status.js';
import { type EventBase, EventChannel } from '../base/event-channel.js';
import { printable } from '../base/printable.js';
import type { AgentFacts, AuthContext } from '../caller/auth-context.js';
import { headerOf, type RequestLike } from '../credential/headers.js';
import type { Owner } from '../options/options.js';
import type { RevocationRecord, Target } from '../options/revocations.js';
import type { Trial } from '../requirements/trial.js';
import type { DecisionPlace } from './decision-place.js';

/** Who called, as the verified token says. Identifiers only; names and mail addresses are left out. */
export interface Who {
  readonly kind: 'user' | 'app';
  readonly tenantId: string;
  readonly objectId: string | undefined;
  readonly clientId: string;
  readonly subjectKey: string;
  readonly agent: AgentFacts | undefined;
}

/** What an unverified token claims. Anyone can write anything into such a token, so it is a trace and not a proof. */
export interface Claimed {
  readonly issuer?: string;
  readonly audience?: string;
  readonly tenantId?: string;
  readonly objectId?: string;
  readonly clientId?: string;
  /** What the refusing check found in the token. */
  readonly found?: string;
}

/** Which record of revocations refused a caller, and why it was set. */
export interface RevocationFacts {
  readonly id: string;
  /** What the record is about. */
  readonly target: Target;
  /** Why access was revoked, as the operator has said. */
  readonly because: string;
  /** What has set it, if that was said. */
  readonly source?: string;
}

/** Who acts for whom, as the verified token says. */
export interface Delegation {
  /** The person acted for: `subjectKey`. Absent where an agent acts as itself or through its own user account. */
  readonly user?: string;
  /** The agent: the ID of its agent identity. Absent where the token does not say that one is involved. */
  readonly agent?: string;
  /** The agent's blueprint: its application ID. */
  readonly blueprint?: string;
  /** The client application. */
  readonly client: string;
}

/** One decision about a request, allowed or denied. Holds no token. */
export interface DecisionEvent extends EventBase {
  readonly type: 'decision';
  readonly outcome: 'allow' | 'deny';
  /** Why the request was denied; absent when it was allowed. */
  readonly code?: ErrorCode;
  /**
   * Why the request was denied, for operators. Holds nothing from an unverified token: that is in {@link claimed} and
   * in the log.
   */
  readonly explanation?: string;
  /**
   * What the caller will lack when a `tighten(...)` of the requirement switches. Present only if the caller was let in, and would
   * not have been by then.
   */
  readonly trial?: Trial;
  /** The route or handler, as the adapter names it. */
  readonly handler?: string;
  /** The requirement's printed form; absent if only a token was required. */
  readonly requirement?: string;
  /** What the requirement's authors recorded with `because`. */
  readonly reasons: readonly string[];
  /** Who is responsible: the guard's option `owner`, or else the owner of the requirement's catalogue. */
  readonly owner?: Owner;
  /** Who called. Present only if the token's signature was verified. */
  readonly who?: Who;
  /** The approval that the call has used up; of a denial, the one that it needs. */
  readonly approvalId?: string;
  /** Who acts for whom. Present for delegated tokens, and where an agent is involved. */
  readonly delegation?: Delegation;
  /** The tool, prompt or resource of an MCP server that is called. Bounded and escaped: an unknown one is the caller's word. */
  readonly tool?: string;
  /** The digest of the tool's arguments: SHA-256 of their canonical JSON (RFC 8785), base64url. The arguments are never kept. */
  readonly argumentsDigest?: string;
  /** The W3C Trace Context that the call brought in its `_meta`. */
  readonly traceparent?: string;
  readonly token?: {
    readonly id: string | undefined;
    readonly issuedAt: number | undefined;
    readonly expiresAt: number;
  };
  /** The record that refused the caller. Present only with the code `token_revoked` of the setting `revocations`. */
  readonly revocation?: RevocationFacts;
  /** What the token claims. Present only if its signature was not verified, and at most sixty times a minute. */
  readonly claimed?: Claimed;
  /**
   * What the option `correlationId` returned, or else the trace ID of a well-formed `traceparent` (W3C Trace Context): that of the
   * call, or else that of the request's headers.
   */
  readonly correlationId?: string;
  /** The claims that the option `auditClaims` names. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** Where decisions are published. */
export const decisions = new EventChannel<DecisionEvent>('decision');

/** Returns the verified facts for an event. */
export function verifiedFacts(
  auth: AuthContext,
  auditClaims: readonly string[],
): Pick<DecisionEvent, 'who' | 'delegation' | 'token' | 'claims'> {
  const { kind, tenantId, objectId, clientId, subjectKey, agent } = auth;
  const iat = auth.claims.iat;
  const token = {
    id: auth.tokenId,
    issuedAt: iat === undefined ? undefined : iat * 1000,
    expiresAt: auth.expiresAt,
  };
  const who = { kind, tenantId, objectId, clientId, subjectKey, agent };
  const delegation = delegationOf(auth);
  const facts = { who, ...(delegation === undefined ? {} : { delegation }), token };
  if (auditClaims.length === 0) return facts;
  const present = auditClaims.filter((name) => Object.hasOwn(auth.claims, name));
  return { ...facts, claims: Object.fromEntries(present.map((name) => [name, auth.claims[name]])) };
}

/** Tells who acts for whom; `undefined` for an app as itself in which no agent is known to be involved. */
function delegationOf({ kind, clientId, subjectKey, agent }: AuthContext): Delegation | undefined {
  // Entra: agent token claims. An agent is the client of its tokens, also of those of its own user account.
  const isAgent = agent?.actor === true || agent?.subject === true;
  if (kind === 'app' && !isAgent) return undefined;
  return {
    ...(kind === 'user' && agent?.subject !== true ? { user: subjectKey } : {}),
    ...(isAgent ? { agent: clientId } : {}),
    ...(agent?.blueprintId === undefined ? {} : { blueprint: agent.blueprintId }),
    client: clientId,
  };
}

/** Returns what an event tells of the call of a tool. Its words may be the caller's, so they are bounded and escaped. */
export function callFacts({
  tool,
  argumentsDigest,
  traceparent,
}: DecisionPlace): Pick<DecisionEvent, 'tool' | 'argumentsDigest' | 'traceparent'> {
  return {
    ...(tool === undefined ? {} : { tool: printable(tool) }),
    ...(argumentsDigest === undefined ? {} : { argumentsDigest }),
    ...(traceIdOf(traceparent) === undefined ? {} : { traceparent: traceparent as string }),
  };
}

/** The trace ID of a well-formed `traceparent`. */
function traceIdOf(traceparent: string | undefined): string | undefined {
  return TRACEPARENT.exec(traceparent ?? '')?.[1];
}

/** Returns what an event tells of the record that has refused a caller. */
export function revocationFacts({ id, target, because, source }: RevocationRecord): RevocationFacts {
  return { id, target, because, ...(source === undefined ? {} : { source }) };
}

const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}$/;

/**
 * Returns the application's correlation ID, bounded and escaped, because it may come from the caller. Without one,
 * returns the trace ID of the call's `traceparent`, or of the request's, or `undefined` if both are absent or malformed.
 */
export function correlationIdOf(
  request: RequestLike,
  given?: (header: (name: string) => string | undefined) => string | undefined,
  traceparent?: string,
): string | undefined {
  try {
    const id: unknown = given?.((name) => headerOf(request, name.toLowerCase()));
    if (typeof id === 'string' && id !== '') return printable(id, 100);
    // It may be an async function, whatever its type says.
    Promise.resolve(id).catch(() => {});
  } catch {
    // The event is published without the application's ID, and the request is not refused for it.
  }
  try {
    return traceIdOf(traceparent) ?? traceIdOf(headerOf(request, 'traceparent'));
  } catch {
    // The headers can't be read. The event is published without an ID.
    return undefined;
  }
}
