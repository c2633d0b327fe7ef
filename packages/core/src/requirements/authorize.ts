import { CheckFailedError, type Enough, PermissionError, StepUpError } from '../base/errors.js';
import { ownMember } from '../base/own-member.js';
import type { AuthContext } from '../caller/auth-context.js';
import { authorityOf } from '../caller/authority-facts.js';
import { assertCaller } from '../caller/caller.js';
import { judge, NO_ANSWERS } from './judge.js';
import type { CheckContext, CheckNode } from './kinds/check.js';
import type { Denial } from './kinds/outcome.js';
import { assertDecides, type Requirement } from './requirement.js';

/** What {@link authorize} may be told. */
export interface AuthorizeOptions {
  /** Handed to checks. */
  readonly request?: unknown;
  /** Milliseconds since the epoch. Default `Date.now()`. */
  readonly now?: number;
  /** Finds a provider for checks, in hosts that have them. */
  readonly resolve?: (token: unknown) => Promise<unknown>;
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
  await authorizeNow(requirement, auth, options);
}

/**
 * The same, without a promise where no check has to be run.
 *
 * @throws as a rejection, or at once
 */
export function authorizeNow(
  requirement: Requirement,
  auth: AuthContext,
  options: AuthorizeOptions,
): undefined | Promise<undefined> {
  assertDecides('authorize(...)', requirement);
  assertCaller('authorize(...)', auth);
  const { node } = requirement;
  const now = ownMember(options, 'now') ?? Date.now();
  const outcome = judge(node, { auth, now, answers: NO_ANSWERS });
  if (outcome.state === 'granted') return undefined;
  if (outcome.state === 'denied') throw permissionError(requirement, auth, outcome.denial);
  return runChecks(requirement, auth, { ...options, now }, outcome.check);
}

/** Runs one check after another, as far as they matter. */
async function runChecks(
  requirement: Requirement,
  auth: AuthContext,
  options: AuthorizeOptions,
  first: CheckNode,
): Promise<undefined> {
  const answers = new Map<CheckNode, boolean>();
  for (let next = first; ; ) {
    answers.set(next, await run(next, auth, options));
    const outcome = judge(requirement.node, { auth, now: options.now, answers });
    if (outcome.state === 'granted') return undefined;
    if (outcome.state === 'denied') throw permissionError(requirement, auth, outcome.denial);
    next = outcome.check;
  }
}

async function run(check: CheckNode, auth: AuthContext, options: AuthorizeOptions): Promise<boolean> {
  const resolve = ownMember(options, 'resolve');
  const context: CheckContext = {
    auth,
    request: ownMember(options, 'request'),
    resolve: <T>(token: unknown) =>
      resolve
        ? (resolve(token) as Promise<T>)
        : Promise.reject(new Error(`check('${check.name}') asked for a provider, and this host has none.`)),
  };
  try {
    return (await check.test(context)) === true;
  } catch (cause) {
    throw new CheckFailedError({
      message: `check('${check.name}') threw instead of answering.`,
      hint: 'Access was refused. See the cause, and mend the check.',
      cause,
    });
  }
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
