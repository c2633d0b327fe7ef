import { tellApproval } from '../approvals/approval-event.js';
import { ConfigurationError, PermissionError, RequestError, StepUpError } from '../base/errors.js';
import { isSecure } from '../base/loopback.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { RequestLike } from '../credential/headers.js';
import type { ApprovalRecord, ApprovalStore, Approver } from '../options/approvals.js';
import { assertKnown } from '../options/option-readers.js';
import { authenticated, delegated, noAgents } from '../requirements/build.js';
import { allOf } from '../requirements/combine.js';
import type { ExposedHandler } from '../requirements/exposed-handler.js';
import { assertRequirement, type Grant } from '../requirements/requirement.js';
import { settingsOf } from '../token/validator-contract.js';
import { approvalJson } from './approval-json.js';
import { approverGrant } from './approver-grant.js';
import { approvalsOf, askApprovals } from './guard-approvals.js';
import type { Guard } from './guard-contract.js';

/** How people approve over HTTP. */
export interface ApprovalRequestOptions {
  /**
   * The origin at which people reach the page on which they approve, such as `https://orders.contoso.com`: `approveUrl(id)` is
   * `{origin}/approvals/{id}`. https, or http on this machine.
   */
  readonly origin: string;
  /**
   * What the tokens of all approvers satisfy: a scope that only the page's client asks for, as in
   * `scopes('Approvals.Decide')`. Default `authenticated()`, with which any client of a user could approve; the log warns of it.
   */
  readonly allow?: Grant;
}

/** What is done about an approval; `undefined` for looking at it. */
export type ApprovalAction = 'approve' | 'deny';

/** What an adapter hands over of a request. */
export interface ApprovalRouteRequest {
  readonly request: RequestLike;
  readonly method: string;
  /** The ID in the path. */
  readonly id: string;
  /** What is behind the ID in the path. */
  readonly action: ApprovalAction | undefined;
}

/** What an adapter writes. */
export interface ApprovalAnswer {
  readonly status: 200;
  readonly body: object;
}

/** One of the routes of approvals, for an inventory. */
export interface ApprovalHandler extends ExposedHandler {
  readonly access: { readonly kind: 'requirement'; readonly requirement: Grant };
}

const WHAT = 'The options of the routes of approvals';
const NAMES = ['origin', 'allow'] as const satisfies readonly (keyof ApprovalRequestOptions)[];
const VERDICTS = { approve: 'approved', deny: 'denied' } as const;

/**
 * What the routes of approvals require, for an inventory of an application that has not made them yet.
 *
 * @param allow the option, as it was given
 * @throws ConfigurationError for what is not a grant that users satisfy
 */
export function approvalHandlers(allow?: unknown): readonly ApprovalHandler[] {
  return handlersWith(approverRequirement(allow));
}

function handlersWith(requirement: Grant): readonly ApprovalHandler[] {
  const access = { kind: 'requirement', requirement } as const;
  return [
    { method: 'GET', path: '/approvals/:id', access },
    { method: 'POST', path: '/approvals/:id/approve', access },
    { method: 'POST', path: '/approvals/:id/deny', access },
  ];
}

/** Reads a path below the place where the routes are mounted; `undefined` for that of another route. */
export function readApprovalPath(path: string): Pick<ApprovalRouteRequest, 'id' | 'action'> | undefined {
  const [, id, action] = /^\/approvals\/([^/]+)(?:\/(approve|deny))?\/?$/.exec(path) ?? [];
  return id === undefined ? undefined : { id, action: action as ApprovalAction | undefined };
}

/** Shows requests for approvals to those who may approve them, and takes their decision. */
export class ApprovalRequests {
  readonly #guard: Guard;
  readonly #store: ApprovalStore;
  readonly #origin: string;
  readonly #requirement: Grant;
  readonly #now: () => number;

  /** @throws ConfigurationError for a guard without approvals, and for invalid options */
  constructor(guard: Guard, given: ApprovalRequestOptions) {
    const options = ownOptions(WHAT, given, NAMES);
    assertKnown('option of the routes of approvals called', options, NAMES);
    const approvals = approvalsOf(guard);
    if (approvals.store === undefined) {
      throw new ConfigurationError(
        'The routes of approvals were given a guard without the setting approvals.',
        'Give it one: { tenantId, clientId, approvals: memoryApprovals() }.',
      );
    }
    this.#guard = guard;
    this.#store = approvals.store;
    this.#origin = readOrigin(options.origin);
    this.#requirement = approverRequirement(options.allow);
    this.#now = settingsOf(guard.validator).now;
    approvals.approveAt(this.#origin, (id) => this.approveUrl(id));
    guard.declare(this.#requirement, 'the routes of approvals');
  }

  /** Returns the address of the page on which a person approves. */
  approveUrl(id: string): string {
    return `${this.#origin}/approvals/${encodeURIComponent(id)}`;
  }

  /** What the routes require, for an inventory, with the paths that they have at the root. */
  handlers(): readonly ApprovalHandler[] {
    return handlersWith(this.#requirement);
  }

  /**
   * Shows a request for an approval, or decides about it.
   *
   * @throws EntraGuardError (as a rejection): what the guard throws; PermissionError with the status 404 where there is no such request
   * that the caller may approve, `approval_denied` for what was denied before; RequestError for another method; UnavailableError
   */
  async answer({ request, method, id, action }: ApprovalRouteRequest): Promise<ApprovalAnswer> {
    const verb = action === undefined ? 'GET' : 'POST';
    if (method !== verb) {
      throw new RequestError({
        code: 'method_not_allowed',
        message: `${printable(method)} is not a method of this path.`,
        hint: `Use ${verb}.`,
        allow: [verb],
      });
    }
    const handler = `${verb} /approvals/{id}${action === undefined ? '' : `/${action}`}`;
    const auth = await this.#guard.require(request, this.#requirement, { handler });
    const record = await this.#recordFor(auth, id, request, handler);
    if (action === undefined) return { status: 200, body: approvalJson(record) };
    return { status: 200, body: approvalJson(await this.#decide(record.id, action, auth)) };
  }

  /** The record, if the caller may approve it. Others are not told whether there is one. */
  async #recordFor(
    auth: AuthContext,
    id: string,
    request: RequestLike,
    handler: string,
  ): Promise<ApprovalRecord> {
    if (!/^[\w-]{1,100}$/.test(id)) throw notFound(id);
    const record = await askApprovals(() => this.#store.find(id));
    if (record === undefined || record.id !== id || record.tenantId !== auth.tenantId) throw notFound(id);
    const { by, self } = record.approver;
    const isPerson = record.kind === 'user' && record.subjectKey === auth.subjectKey;
    if (by === undefined) {
      if (isPerson) return record;
      throw notFound(id);
    }
    if (isPerson && !self) throw notFound(id);
    try {
      await this.#guard.require(request, approverGrant(by), { handler });
    } catch (error) {
      // A sign-in that is all that lacks can be made up for, so it is asked for.
      throw PermissionError.is(error) && !StepUpError.is(error) ? notFound(id) : error;
    }
    return record;
  }

  async #decide(id: string, action: ApprovalAction, auth: AuthContext): Promise<ApprovalRecord> {
    const state = VERDICTS[action];
    const by = approverOf(auth);
    const decided = await askApprovals(() => this.#store.decide(id, { state, by }));
    if (decided === undefined) throw notFound(id);
    const { record, changed } = decided;
    if (changed) {
      tellApproval(record, { change: action === 'approve' ? 'given' : 'denied', by }, this.#now());
    }
    if (record.state === state) return record;
    throw new PermissionError({
      code: 'approval_denied',
      message: `The request ${id} was denied before, and stays so until it ends.`,
      hint: 'Have the agent ask again after that.',
    });
  }
}

function approverOf({ tenantId, objectId, clientId, subjectKey }: AuthContext): Approver {
  return Object.freeze({ kind: 'user', tenantId, objectId, clientId, subjectKey });
}

/** @throws ConfigurationError for what is not a grant that users satisfy */
function approverRequirement(allow: unknown = authenticated()): Grant {
  assertRequirement('allow of the routes of approvals', allow);
  return allOf(allow as Grant, delegated(), noAgents());
}

function readOrigin(given: unknown): string {
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  if (url !== undefined && isSecure(url) && [url.origin, `${url.origin}/`].includes(given as string)) {
    return url.origin;
  }
  throw new ConfigurationError(
    `origin of the routes of approvals is ${printable(given)}.`,
    "Pass the origin at which people reach the page on which they approve, without a path: 'https://orders.contoso.com'.",
  );
}

function notFound(id: string): PermissionError {
  return new PermissionError({
    code: 'target_not_allowed',
    message: `There is no request for an approval ${printable(id)} that the caller may approve.`,
    hint: 'It may have ended, or been used. Without `by`, the person acted for approves; with it, another user of the same tenant who satisfies it.',
    status: 404,
  });
}
