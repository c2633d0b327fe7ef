import {
  type AuthContext,
  CheckFailedError,
  ConfigurationError,
  CredentialError,
  EntraGuardError,
  type Guard,
  PermissionError,
  type RequestLike,
  TokenError,
  toHttp,
} from '@entra-guard/core';
import type { Request } from 'express';
import { legacyChallenge, refusedChallenge } from './legacy-challenge.js';
import type { OwnOutcome } from './outcome.js';
import { placeOf } from './place.js';
import type { Setup } from './setup.js';
import { StrategyError } from './strategy-error.js';
import type { Lease } from './tenant-guards.js';
import type { Verdict } from './verify.js';

/** One request to decide about, and the verdict of the application's `verify`. */
export interface Call {
  readonly request: Request;
  verdict: Verdict | undefined;
}

/** Decides about a request. Never rejects. */
export async function decide(setup: Setup, request: Request, tenantIdOrName: unknown): Promise<OwnOutcome> {
  const call: Call = { request, verdict: undefined };
  let lease: Lease | undefined;
  let guard: Guard | undefined;
  let brought: RequestLike | undefined;
  const authNow = (): AuthContext | undefined => (brought === undefined ? undefined : guard?.authOf(brought));
  try {
    brought = broughtBy(request);
    lease = setup.guardFor(tenantIdOrName);
    guard = lease.guard;
    const auth = await guard.require(brought, setup.requirement, {
      handler: placeOf(request),
      request: call,
    });
    return { ...accepted(call), auth };
  } catch (error) {
    const auth = authNow();
    return { ...refused(setup, guard, call, auth, error), auth };
  } finally {
    lease?.release(authNow() !== undefined);
  }
}

/** Copies a request as it is now. What was found out about it before is not copied, because it may have changed. */
function broughtBy({ headers, rawHeaders, method, body, query }: Request): RequestLike {
  const brought = { headers, rawHeaders, method, body: body as unknown, query };
  return brought;
}

function accepted({ verdict }: Call): OwnOutcome {
  // The guard lets pass only what verify has accepted.
  if (verdict?.kind !== 'accepted') throw new Error('The guard did not ask verify.');
  return { kind: 'success', user: verdict.user, info: verdict.info };
}

function refused(
  setup: Setup,
  guard: Guard | undefined,
  call: Call,
  auth: AuthContext | undefined,
  error: unknown,
): OwnOutcome {
  const { verdict, request } = call;
  if (!EntraGuardError.is(error)) return { kind: 'error', error };
  if ((CheckFailedError.is(error) || PermissionError.is(error)) && verdict?.kind === 'failed') {
    return { kind: 'error', error: verdict.error, reason: error };
  }
  const byVerify = PermissionError.is(error) && verdict?.kind === 'refused';
  const shown = byVerify ? NOT_A_USER : error;
  const answer = guard === undefined ? toHttp(shown) : guard.toHttp(shown);
  if (!isRefusal(error)) {
    if (ConfigurationError.is(error)) logConfiguration(setup, error, call);
    return { kind: 'error', error: new StrategyError(error, answer), reason: error };
  }
  if (setup.legacyResponses) {
    const challenge = byVerify
      ? refusedChallenge(verdict.info, setup.reasonsToCallers)
      : legacyChallenge(error, request, auth, setup.reasonsToCallers);
    return { kind: 'fail', challenge, status: undefined, reason: error };
  }
  return {
    kind: 'fail',
    challenge: answer.headers['WWW-Authenticate'],
    status: answer.status,
    reason: error,
    refusal: new StrategyError(shown, answer),
  };
}

/** Whether an error refuses the caller. Any other error is a failure of this service or of Entra. */
function isRefusal(error: EntraGuardError): boolean {
  return CredentialError.is(error) || TokenError.is(error) || PermissionError.is(error);
}

/** Why a request is refused whose token is valid, but for which `verify` found no user. */
const NOT_A_USER = new TokenError({
  code: 'token_not_accepted',
  message: 'The verify callback gave no user.',
  hint: 'See the verify callback.',
  verified: true,
});

function logConfiguration({ log }: Setup, error: ConfigurationError, { request }: Call): void {
  const { message, code } = error;
  log({ level: 'error', event: 'configuration', code, message, handler: placeOf(request) });
}
