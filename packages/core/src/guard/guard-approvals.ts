import { tellApproval } from '../approvals/approval-event.js';
import { bindingText } from '../approvals/binding.js';
import { canonicalText, textDigest } from '../base/canonical-json.js';
import {
  CheckFailedError,
  ConfigurationError,
  EntraGuardError,
  LimitError,
  type NeededApproval,
  PermissionError,
  UnavailableError,
} from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import { printable, printableOptions } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { ApprovalClaim, ApprovalRecord, ApprovalRequest, ApprovalStore } from '../options/approvals.js';
import type { JudgeOptions } from '../requirements/authorize.js';
import type { ApprovalNode } from '../requirements/kinds/approval.js';
import { approvalsIn } from '../requirements/kinds.js';
import type { Requirement } from '../requirements/requirement.js';
import { askHook } from '../token/user-hook.js';

const METHODS = [
  'claim',
  'find',
  'decide',
  'health',
  'close',
] as const satisfies readonly (keyof ApprovalStore)[];

/** How many requests of one agent for one person may wait for a decision. */
const MOST_PENDING = 5;
/** What a person can be shown, and look through. */
const SHOWN = { depth: 32, bytes: 16_384 } as const;

/** A registered symbol, because another copy of the package may have made the guard. */
export const APPROVALS: unique symbol = Symbol.for('entra-guard/approvals') as never;

/** Judges approvals, by the store of the setting `approvals`. */
export class GuardApprovals {
  readonly store: ApprovalStore | undefined;
  readonly #now: () => number;
  #page: { readonly origin: string; readonly url: (id: string) => string } | undefined;

  /**
   * @param given the setting. It may be the application's own store, so it is used as it is
   * @throws ConfigurationError for what has not all that a guard needs
   */
  constructor(given: unknown, now: () => number) {
    if (given !== undefined) assertStore(given);
    this.store = given as ApprovalStore | undefined;
    this.#now = now;
  }

  /**
   * Refuses a requirement whose approval could never be given.
   *
   * @param told whether the place of the requirement says what is approved
   * @throws ConfigurationError
   */
  assertApprovable({ node }: Requirement, told: boolean): void {
    const approvals = approvalsIn(node);
    if (this.store === undefined && approvals.length > 0) throw noStore();
    const silent = approvals.find(({ of }) => of === undefined);
    if (silent !== undefined && !told) throw nothingShown(silent.operation);
  }

  /**
   * Says where the page is on which people approve, for stores that don't.
   *
   * @throws ConfigurationError where another origin was said before
   */
  approveAt(origin: string, url: (id: string) => string): void {
    if (this.#page !== undefined && this.#page.origin !== origin) {
      throw new ConfigurationError(
        `The origin of the routes of approvals is ${origin}, and was ${this.#page.origin} for this guard.`,
        'Make the routes once for each guard, or give all of them one origin.',
      );
    }
    this.#page = { origin, url };
  }

  /**
   * Uses up the approval of one call; else asks for one.
   *
   * @returns its ID
   * @throws PermissionError `approval_required`, `approval_denied`; LimitError where too many wait; CheckFailedError where it can't be
   * told what is approved; UnavailableError where the store can't tell; ConfigurationError (as rejections)
   */
  async use(
    requirement: Requirement,
    node: ApprovalNode,
    auth: AuthContext,
    options: JudgeOptions,
  ): Promise<string> {
    const { store } = this;
    if (store === undefined) throw noStore();
    const request = requestFor(node, auth, shownText(node, options));
    const limits = { validForMs: node.seconds * 1000, most: MOST_PENDING };
    const claim = await askApprovals(() => store.claim(request, limits));
    const state = stateOf(claim);
    if (state === undefined) throw strange(claim);
    if (state === 'full') throw tooMany(node, auth, this.#secondsUntil(claim as Of<'full'>, node));
    const { record } = claim as Of<'used' | 'pending' | 'denied'>;
    if (!isFor(record, request, state)) throw strange(claim);
    if (state === 'used') {
      tellApproval(record, { change: 'used', by: record.decidedBy }, this.#now());
      return record.id;
    }
    if (ownMember(claim as Of<'pending'>, 'made') === true) {
      tellApproval(record, { change: 'requested' }, this.#now());
    }
    throw refused(requirement, node, state, this.#needed(record));
  }

  #secondsUntil(claim: Of<'full'>, node: ApprovalNode): number {
    const seconds = (Number(ownMember(claim, 'until')) - this.#now()) / 1000;
    return Number.isFinite(seconds) ? Math.min(seconds, node.seconds) : node.seconds;
  }

  #needed({ id, expiresAt }: ApprovalRecord): NeededApproval {
    const { store } = this;
    const url = typeof store?.approveUrl === 'function' ? store.approveUrl(id) : this.#page?.url(id);
    if (url === undefined) return { id, expiresAt };
    if (typeof url === 'string' && /^https?:\/\/[!-~]+$/.test(url)) return { id, url, expiresAt };
    throw new ConfigurationError(
      `approveUrl of the approvals gave ${printableOptions(url)}.`,
      'Return the address of the page where a person approves: https://…',
    );
  }
}

type Of<S extends ApprovalClaim['state']> = Extract<ApprovalClaim, { readonly state: S }>;

/** Returns what judges the approvals of a guard. @throws ConfigurationError for anything that is not a guard of this project */
export function approvalsOf(guard: unknown): GuardApprovals {
  const approvals =
    typeof guard === 'object' && guard !== null
      ? (guard as { readonly [APPROVALS]?: GuardApprovals })[APPROVALS]
      : undefined;
  if (approvals !== undefined) return approvals;
  throw new ConfigurationError(
    'The routes of approvals were given something else than a guard.',
    'Pass what entraGuard(...) or createGuard(...) gave.',
  );
}

/**
 * Asks the store, for at most two seconds.
 *
 * @throws UnavailableError `approvals_unavailable` where it throws anything but its own refusals, or takes too long (as a rejection)
 */
export async function askApprovals<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await askHook('approvals', ask);
  } catch (error) {
    const { cause } = error as Error;
    throw EntraGuardError.is(cause) ? cause : unavailable('threw, or took longer than 2 seconds', cause);
  }
}

/** What is approved, in canonical JSON. The text is all that is kept of it, so that what changes later changes nothing. */
function shownText({ operation, of }: ApprovalNode, options: JudgeOptions): string {
  const name = `approval('${operation}')`;
  const approves = ownMember(options, 'approves');
  if (of === undefined && approves === undefined) throw nothingShown(operation);
  let given: unknown;
  try {
    given = of === undefined ? approves?.() : of(ownMember(options, 'request') as never);
  } catch (cause) {
    throw new CheckFailedError({
      message: `${name} could not find out what is to be approved: its function threw.`,
      hint: 'Access was denied. Fix the option `of`; `cause` holds its error.',
      cause,
    });
  }
  const { text, problem } = canonicalText(given, SHOWN);
  if (text !== undefined) return text;
  throw new CheckFailedError({
    message: `${name} was given something to approve that is not plain JSON data of at most 16 KiB: ${problem}.`,
    hint: 'Access was denied. Have the option `of` return plain data, and no promise: { amount: 120, currency: "EUR" }. Leave out members that are undefined.',
  });
}

function requestFor(
  { operation, by, self }: ApprovalNode,
  { tenantId, subjectKey, clientId, kind, objectId, agent }: AuthContext,
  of: string,
): ApprovalRequest {
  return Object.freeze({
    tenantId,
    subjectKey,
    clientId,
    operation,
    digest: textDigest(of),
    approver: Object.freeze({ by: by === undefined ? undefined : JSON.stringify(by), self: self === true }),
    of,
    kind,
    objectId,
    blueprintId: agent?.blueprintId,
  });
}

function stateOf(claim: unknown): ApprovalClaim['state'] | undefined {
  const state =
    typeof claim === 'object' && claim !== null ? ownMember(claim as ApprovalClaim, 'state') : undefined;
  return state === 'used' || state === 'pending' || state === 'denied' || state === 'full'
    ? state
    : undefined;
}

/** Whether a record is about this very call. The store may be the application's. */
function isFor(
  record: ApprovalRecord | undefined,
  request: ApprovalRequest,
  state: 'used' | 'pending' | 'denied',
): record is ApprovalRecord & { readonly decidedBy: NonNullable<ApprovalRecord['decidedBy']> } {
  try {
    const { id, expiresAt, decidedBy } = record as ApprovalRecord;
    const isWhole = typeof id === 'string' && Number.isFinite(expiresAt);
    if (!isWhole || bindingText(record as ApprovalRecord) !== bindingText(request)) return false;
    if (state !== 'used') return true;
    return (record as ApprovalRecord).state === 'approved' && decidedBy?.tenantId === request.tenantId;
  } catch {
    return false;
  }
}

function refused(
  requirement: Requirement,
  { operation }: ApprovalNode,
  state: 'pending' | 'denied',
  approval: NeededApproval,
): PermissionError {
  const isDenied = state === 'denied';
  return new PermissionError({
    code: isDenied ? 'approval_denied' : 'approval_required',
    message: isDenied
      ? `A person has denied the approval ${approval.id} of '${operation}'; required: ${requirement}.`
      : `The caller lacks an approval of '${operation}'; required: ${requirement}. It was asked for as ${approval.id}.`,
    hint: isDenied
      ? `The call can be asked for again after ${new Date(approval.expiresAt).toISOString()}.`
      : 'Show the address in `approval.url` to the person who may approve, and repeat the very same call once it is approved.',
    requirement: requirement.toString(),
    approval,
  });
}

function tooMany({ operation }: ApprovalNode, { clientId }: AuthContext, retryAfter: number): LimitError {
  return new LimitError({
    message: `${MOST_PENDING} requests of the client ${clientId} wait for the approval of this person already; another one for '${operation}' was not made.`,
    hint: 'Have the person approve or deny them, or wait until they end.',
    retryAfter,
  });
}

function assertStore(given: unknown): void {
  const store = Object(given) as Partial<ApprovalStore>;
  const missing = METHODS.find((name) => typeof store[name] !== 'function');
  if (missing === undefined) return;
  throw new ConfigurationError(
    `approvals is ${printable(given)} without the method ${missing}.`,
    'Pass a store: memoryApprovals(), or redisApprovals(...) of @entra-guard/redis.',
  );
}

function noStore(): ConfigurationError {
  return new ConfigurationError(
    'The requirement has approval(...), and the guard has no place to keep approvals in.',
    'Give the guard the setting approvals: memoryApprovals(), or redisApprovals(...) of @entra-guard/redis for more than one process.',
  );
}

function nothingShown(operation: string): ConfigurationError {
  return new ConfigurationError(
    `approval('${operation}') does not say what is approved.`,
    `Over HTTP it has to: approval('${operation}', { of: (request) => ({ amount: request.body.amount }) }).`,
  );
}

function strange(given: unknown): UnavailableError {
  return unavailable(`gave ${printableOptions(given)} instead of an approval of this call`);
}

function unavailable(how: string, cause?: unknown): UnavailableError {
  return new UnavailableError({
    part: 'approvals',
    message: `The store of the setting approvals ${how}.`,
    hint: 'No call that needs an approval is let in meanwhile. See the cause, and the health of the guard.',
    retryAfter: 5,
    ...(cause === undefined ? {} : { cause }),
  });
}
