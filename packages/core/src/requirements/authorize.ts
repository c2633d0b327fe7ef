import {
  CheckFailedError,
  ConfigurationError,
  type Enough,
  PermissionError,
  StepUpError,
} from '../base/errors.js';
import { type Instant, timeOf } from '../base/instant.js';
import { ownMember } from '../base/own-member.js';
import type { AuthContext } from '../caller/auth-context.js';
import { authorityOf } from '../caller/authority-facts.js';
import { assertCaller } from '../caller/caller.js';
import { checkContext } from './check-context.js';
import { givenGroups } from './given-groups.js';
import { judge, NO_ANSWERS } from './judge.js';
import type { ApprovalNode } from './kinds/approval.js';
import type { CheckNode } from './kinds/check.js';
import type { JudgedFacts } from './kinds/kind.js';
import type { LimitNode } from './kinds/limit.js';
import type { Denial, RunNode, Step } from './kinds/outcome.js';
import { assertDecides, type Requirement } from './requirement.js';

/** What {@link authorize} may be told. */
export interface AuthorizeOptions {
  /** Handed to checks. */
  readonly request?: unknown;
  /** When it is judged. Default now. */
  readonly now?: Instant;
  /** Finds a provider for checks, in hosts that have them. */
  readonly resolve?: (token: unknown) => Promise<unknown>;
  /**
   * The object IDs of the user's groups, where the token has `'overage'` for them: what Microsoft Graph says. Else they are
   * not looked at. Default: `'overage'` is refused with `groups_overage`.
   */
  readonly groups?: readonly string[];
}

/**
 * Lets pass or throws; for handlers and services that decide later than the guard.
 *
 * @throws PermissionError, StepUpError; CheckFailedError when a check throws; ConfigurationError for a narrowing alone, and
 * for what is not the very context that a guard gave, such as a copy of one
 */
export async function authorize(
  requirement: Requirement,
  auth: AuthContext,
  options: AuthorizeOptions = {},
): Promise<void> {
  const granted = authorizeNow(requirement, auth, options);
  if (!isAtOnce(granted)) await granted;
}

/** Finds out the groups of a user who has too many for a token, in lower case. Rejects where they are unavailable. */
export type ResolveGroups = (auth: AuthContext) => Promise<ReadonlySet<string>>;

/** What a guard finds out, or does, while a requirement is judged. */
export interface Sources {
  /** Asked at most once, and only where the groups decide. Default: `'overage'` is refused. */
  readonly groupsOf?: ResolveGroups | undefined;
  /** Counts the call. Rejects where no further one is granted, or it can't be counted. Default: a limit can't be judged. */
  readonly spend?: (requirement: Requirement, limit: LimitNode, auth: AuthContext) => Promise<void>;
  /**
   * Uses an approval up, and gives its ID. Rejects where there is none, or it can't be told. Default: an approval can't be judged.
   */
  readonly approve?: (
    requirement: Requirement,
    approval: ApprovalNode,
    auth: AuthContext,
    options: JudgeOptions,
  ) => Promise<string>;
}

/** What a guard is told in addition. */
export interface JudgeOptions extends AuthorizeOptions {
  /** Gives what is approved, where the requirement does not say. */
  readonly approves?: () => unknown;
}

/**
 * Lets pass or throws, and gives a promise only where a check has to be run, or groups have to be asked for: {@link isAtOnce}
 * tells.
 *
 * @returns the facts by which the caller is let in
 * @throws as a rejection, or at once
 */
export function authorizeNow(
  requirement: Requirement,
  auth: AuthContext,
  options: JudgeOptions,
  sources: Sources = {},
): JudgedFacts | Promise<JudgedFacts> {
  assertDecides('authorize(...)', requirement);
  assertCaller('authorize(...)', auth);
  const facts = {
    auth,
    now: timeOf(ownMember(options, 'now') ?? Date.now()),
    answers: NO_ANSWERS,
    groups: givenGroups('authorize(...)', ownMember(options, 'groups')) ?? (sources.groupsOf && 'ask'),
    ahead: false,
  } as const;
  const next = waitsFor(requirement, facts);
  return next === undefined ? facts : findOut(requirement, facts, options, sources, next);
}

/** Whether the caller was let in at once. By an own member: it does not matter what else calls itself a promise. */
export function isAtOnce(granted: JudgedFacts | Promise<JudgedFacts>): granted is JudgedFacts {
  return Object.hasOwn(granted, 'auth');
}

/** What has to be found out before it can be decided; `undefined` where it is granted. Throws where it is denied. */
function waitsFor(requirement: Requirement, facts: JudgedFacts): Step | undefined {
  const outcome = judge(requirement.node, facts);
  if (outcome.state === 'denied') throw permissionError(requirement, facts.auth, outcome.denial);
  return outcome.state === 'granted' ? undefined : outcome.waitsFor;
}

/** Asks for the groups, runs one check after another, counts the call, and uses an approval up, as far as they matter. */
async function findOut(
  requirement: Requirement,
  facts: JudgedFacts,
  options: JudgeOptions,
  sources: Sources,
  first: Step,
): Promise<JudgedFacts> {
  const answers = new Map<RunNode, boolean>();
  let known: JudgedFacts = { ...facts, answers };
  for (let next: Step | undefined = first; next !== undefined; ) {
    if (next === 'groups')
      known = { ...known, groups: await (sources.groupsOf as ResolveGroups)(facts.auth) };
    else if (next.kind === 'check') answers.set(next, await run(next, facts.auth, options));
    else if (next.kind === 'limit') answers.set(next, await count(requirement, next, facts.auth, sources));
    else {
      known = { ...known, approvalId: await use(requirement, next, facts.auth, options, sources) };
      answers.set(next, true);
    }
    next = waitsFor(requirement, known);
  }
  return known;
}

async function run(check: CheckNode, auth: AuthContext, options: AuthorizeOptions): Promise<boolean> {
  const name = `check('${check.name}')`;
  const context = checkContext(name, auth, ownMember(options, 'request'), ownMember(options, 'resolve'));
  try {
    return (await check.test(context)) === true;
  } catch (cause) {
    throw new CheckFailedError({
      message: `${name} threw instead of answering.`,
      hint: 'Access was denied. Fix the check; `cause` holds its error.',
      cause,
    });
  }
}

async function count(
  requirement: Requirement,
  limit: LimitNode,
  auth: AuthContext,
  { spend }: Sources,
): Promise<true> {
  if (spend === undefined) {
    throw new ConfigurationError(
      `authorize() was given ${requirement}, whose limit(...) only a guard can judge: it has the budgets.`,
      'Give the requirement to the guard: guard.require(...).',
    );
  }
  await spend(requirement, limit, auth);
  return true;
}

async function use(
  requirement: Requirement,
  approval: ApprovalNode,
  auth: AuthContext,
  options: JudgeOptions,
  { approve }: Sources,
): Promise<string> {
  if (approve !== undefined) return approve(requirement, approval, auth, options);
  throw new ConfigurationError(
    `authorize() was given ${requirement}, whose approval(...) only a guard can judge: it has the approvals.`,
    'Give the requirement to the guard: guard.require(...).',
  );
}

function permissionError(requirement: Requirement, auth: AuthContext, denial: Denial): PermissionError {
  const authority = authorityOf(auth);
  const facts = {
    code: denial.code,
    message: `The caller lacks ${denial.missing.join(' and ')}; required: ${requirement}.`,
    hint: denial.hint,
    enough: qualified(denial.enough, authority?.applicationIdUri),
    requirement: requirement.toString(),
    claim: ownMember(denial, 'claim'),
  };
  const stepUp = ownMember(denial, 'stepUp');
  if (stepUp?.kind === 'sign-in') return new StepUpError({ ...facts, stepUp });
  if (stepUp?.kind === 'claims' && authority) {
    const acrs = { essential: true, value: stepUp.id };
    const { authorizationUri, realm } = authority;
    const claims = JSON.stringify({ access_token: { acrs } });
    return new StepUpError({ ...facts, stepUp: { kind: 'claims', claims, authorizationUri, realm } });
  }
  return new PermissionError(denial.hidden ? { ...facts, status: 404 } : facts);
}

/** Clients ask for scopes by their full name (`api://…/Orders.Read`); only the token has the short one. */
function qualified(enough: Enough, applicationIdUri: string | undefined): Enough {
  const scopes = ownMember(enough, 'scopes');
  if (scopes === undefined || applicationIdUri === undefined) return enough;
  const base = applicationIdUri.replace(/\/$/, '');
  return { ...enough, scopes: Object.freeze(scopes.map((scope) => `${base}/${scope}`)) };
}
