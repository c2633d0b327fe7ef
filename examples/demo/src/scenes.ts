import type { ErrorCode, Problem } from '@entra-guard/express';
import type { IssuedToken, LoopbackEntra } from '@entra-guard/testing';
import type { Answer, Request } from './ask.js';
import type { SignIn } from './sign-in.js';

/** One row of the demo: a caller, a request, and the expected answer. */
export interface Scene {
  readonly who: string;
  /** The kind of caller, or what is wrong with the credential. */
  readonly caller: string;
  readonly request: Request;
  readonly expected: Expected;
}

/** The expected answer. */
export interface Expected {
  readonly status: number;
  /** The code of the refusal. */
  readonly code?: Problem['code'];
  /** `error` in `WWW-Authenticate`. */
  readonly error?: string;
}

/** Sends a request to one of the APIs while the scenes are being prepared. */
export type Ask = (request: Request) => Promise<Answer>;

const ok: Expected = { status: 200 };
const created: Expected = { status: 201 };
const noContent: Expected = { status: 204 };
const noCredentials: Expected = { status: 401, code: 'credentials_missing' };
const brokenHeader: Expected = { status: 400, code: 'credentials_malformed', error: 'invalid_request' };
const badToken = (code: ErrorCode): Expected => ({ status: 401, code, error: 'invalid_token' });
const notEnough = (code: ErrorCode): Expected => ({ status: 403, code, error: 'insufficient_scope' });
const stepUp: Expected = { status: 401, code: 'step_up_required', error: 'insufficient_claims' };
const cannotStepUp = notEnough('step_up_required');
const signInUnknown = notEnough('sign_in_too_old');
const signInAgain: Expected = {
  status: 401,
  code: 'sign_in_too_old',
  error: 'insufficient_user_authentication',
};

/**
 * Makes every row of the table of answers except "keys unavailable". Valid tokens come from MSAL, wrong ones from
 * `entra`.
 */
export async function scenesFor(entra: LoopbackEntra, signIn: SignIn, ask: Ask): Promise<readonly Scene[]> {
  const bearer = (token: string) => [`Bearer ${token}`];
  const issued = ({ token }: IssuedToken) => bearer(token);
  const read = ['Orders.Read'];
  const write = ['Orders.Read', 'Orders.Write'];

  const ada = bearer(await signIn.user('ada', read));
  const adaWrites = bearer(await signIn.user('ada', write));
  const grace = bearer(await signIn.user('grace', write));
  const alan = bearer(await signIn.user('alan', write));
  const job = bearer(await signIn.daemon('nightly-job'));
  const runner = bearer(await signIn.managedIdentity('ci-runner'));

  // A client that understands claims challenges signs its user in again, with the claims that the API asks for.
  const challenged = await ask(send('DELETE', '/orders/2', alan));
  const alanSteppedUp = bearer(await signIn.user('alan', write, challengedClaims(challenged)));

  const scp = 'Orders.Read Orders.Write';
  const hoursAgo = Math.floor(Date.now() / 1000) - 8 * 3600;
  const graceSinceMorning = issued(entra.user('grace', { scp, auth_time: hoursAgo }));
  const graceUndated = issued(entra.user('grace', { scp, auth_time: undefined }));
  const alanOldClient = issued(entra.user('alan', { scp, xms_cc: ['none'] }));

  const { wrong } = entra;
  const forged = issued(wrong.stranger());
  const noRole = issued(wrong.withoutPermissions());
  const wrongTokens: readonly (readonly [
    who: string,
    caller: string,
    token: IssuedToken,
    code: ErrorCode,
  ])[] = [
    ['ada', 'expired token', wrong.expired(), 'token_expired'],
    ['ada', 'token for Graph', wrong.graphAudience(), 'audience_not_accepted'],
    ['ada', 'ID token', wrong.idToken(), 'not_an_access_token'],
    ['eve', 'another tenant', wrong.tenant(), 'tenant_not_accepted'],
    ['eve', 'forged token', wrong.stranger(), 'signature_invalid'],
    ['eve', 'unsigned token', wrong.algNone(), 'algorithm_not_allowed'],
    ['eve', 'not a JWT', wrong.notAJwt(), 'token_malformed'],
  ];

  return [
    scene('anonymous', 'no token', send('GET', '/health', []), ok),
    scene('anonymous', 'no token', send('GET', '/prices', []), ok),
    scene('anonymous', 'no token', send('GET', '/orders', []), noCredentials),
    scene('anonymous', 'a password', send('GET', '/orders', ['Basic YWRhOnNlY3JldA==']), noCredentials),
    scene('anonymous', 'a broken header', send('GET', '/orders', ['Bearer one two']), brokenHeader),
    scene('anonymous', 'two headers', send('GET', '/orders', [...ada, ...job]), brokenHeader),

    scene('ada', 'user', send('GET', '/orders', ada), ok),
    scene('ada', 'user', send('GET', '/prices', ada), ok),
    scene('ada', 'user', send('POST', '/orders', ada), notEnough('scope_missing')),
    scene('ada', 'user, may write', send('POST', '/orders', adaWrites), created),
    scene('ada', 'user, may write', send('POST', '/orders/1/approve', adaWrites), notEnough('role_missing')),
    scene('ada', 'user', send('GET', '/orders/export', ada), notEnough('role_missing')),

    scene('grace', 'user, approver', send('POST', '/orders/1/approve', grace), ok),
    scene('grace', 'user, 8 h later', send('POST', '/orders/1/approve', graceSinceMorning), signInAgain),
    scene('grace', 'user, undated', send('POST', '/orders/1/approve', graceUndated), signInUnknown),
    scene('grace', 'user, approver', send('DELETE', '/orders/2', grace), notEnough('role_missing')),

    scene('alan', 'user, auditor', send('GET', '/orders/export', alan), ok),
    scene('alan', 'user, admin', send('DELETE', '/orders/2', alan), stepUp),
    scene('alan', 'user, old client', send('DELETE', '/orders/2', alanOldClient), cannotStepUp),
    scene('alan', 'user, stepped up', send('DELETE', '/orders/2', alanSteppedUp), noContent),

    scene('nightly-job', 'app', send('GET', '/orders/export', job), ok),
    scene('nightly-job', 'app', send('GET', '/orders', job), notEnough('scope_missing')),
    scene('ci-runner', 'managed identity', send('POST', '/orders', runner), created),
    scene('ci-runner', 'managed identity', send('GET', '/orders/export', runner), notEnough('role_missing')),
    scene('some app', 'app, no role', send('GET', '/orders/export', noRole), notEnough('role_missing')),

    ...wrongTokens.map(([who, caller, token, code]) =>
      scene(who, caller, send('GET', '/orders', issued(token)), badToken(code)),
    ),
    scene('eve', 'forged token', send('GET', '/prices', forged), badToken('signature_invalid')),
    scene('eve', 'forged token', send('GET', '/health', forged), ok),
  ];
}

function scene(who: string, caller: string, request: Request, expected: Expected): Scene {
  return { who, caller, request, expected };
}

function send(method: Request['method'], path: string, authorization: readonly string[]): Request {
  return { method, path, authorization };
}

/** Returns the claims that a challenge asks the client to request. */
function challengedClaims({ status, challenge }: Answer): string {
  const [, claims] = /claims="([^"]+)"/.exec(challenge) ?? [];
  if (claims === undefined) throw new Error(`The API answered ${status} without a claims challenge.`);
  return Buffer.from(claims, 'base64').toString('utf8');
}
