import { type AuthContext, PermissionError, StepUpError, TokenError } from '@entra-guard/core';
import { claimsStepUp, DownstreamError } from '@entra-guard/core/downstream';
import type { Refused } from './answer.js';
import { readClaims } from './claims.js';

/** Whose fault a refusal is, and so for whom it may be remembered. */
export type Fault =
  /** Of the user or their token: for this caller's entry alone. */
  | 'caller'
  /** Of this API or its registration: it reveals nothing of a user, so it may be remembered for all. */
  | 'app';

/** A refusal of Entra, with the error that it becomes. */
export interface Refusal {
  readonly fault: Fault;
  /** Whether it is a mistake in this API's set-up, which its operators have to correct. */
  readonly isOurs: boolean;
  readonly aadsts: number | undefined;
  /** The ID by which Entra's support finds the request. */
  readonly correlationId: string;
  /** @param auth the user on whose behalf it was; `undefined` for this API itself */
  readonly error: (auth: AuthContext | undefined) => Error;
}

/** The token that was exchanged, or the sign-in behind it, has ended (Entra: error codes). */
const SIGN_IN_AGAIN = new Set([
  50078, 50133, 50173, 70043, 70044, 700082, 700084, 50057, 50034, 50089, 50132,
]);
/** The user has not consented, or may not use the other API (Entra: on-behalf-of flow, gaining consent). */
const NO_CONSENT = new Set([65001, 65004, 50105, 650054, 650051]);
/** The token can't be exchanged at all. */
const UNFIT = new Set([50013, 240002, 7000114, 50027, 500131, 500341]);

/** What can't depend on the caller (RFC 6749 section 5.2; Entra: error codes). */
const OF_APP = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_scope',
  'invalid_resource',
  'unsupported_grant_type',
]);

const INTERACTION = new Set([
  'interaction_required',
  'login_required',
  'bad_token',
  'ui_not_allowed',
  'interrupted_user',
]);
const INTERACTION_SUB = new Set([
  'message_only',
  'additional_action',
  'basic_action',
  'user_password_expired',
  'bad_token',
  'ui_not_allowed',
  'interrupted_user',
]);

/**
 * Reads what a refusal means: `claims` first, since Entra gives it under several words; then the number, `suberror` and `error`.
 *
 * @param api the name of the other API
 */
export function refusalOf(refused: Refused & { readonly correlationId: string }, api: string): Refusal {
  const { aadsts, error, suberror, correlationId } = refused;
  const claims = readClaims(refused.claims);
  const number = aadsts ?? 0;
  const ofCaller = (make: (auth: AuthContext) => Error): Refusal => ({
    fault: 'caller',
    isOurs: false,
    aadsts,
    correlationId,
    error: (auth) => (auth === undefined ? misconfigured(refused, api) : make(auth)),
  });
  const fault = (whose: Fault): Refusal => ({
    fault: whose,
    isOurs: true,
    aadsts,
    correlationId,
    error: () => misconfigured(refused, api),
  });
  if (claims !== undefined) return ofCaller((auth) => claimsStepUp(auth, claims));
  if (number === 500133) return ofCaller(expired);
  if (NO_CONSENT.has(number) || error === 'consent_required' || suberror === 'consent_required') {
    return ofCaller(() => consentMissing(aadsts, api));
  }
  if (UNFIT.has(number)) return fault('caller');
  const isSignIn = SIGN_IN_AGAIN.has(number) || INTERACTION.has(error) || INTERACTION_SUB.has(suberror ?? '');
  if (isSignIn || error === 'invalid_grant') return ofCaller(() => signInAgain(aadsts));
  return fault(OF_APP.has(error) ? 'app' : 'caller');
}

const numbered = (aadsts: number | undefined): string => (aadsts === undefined ? '' : ` (AADSTS${aadsts})`);

function expired(): TokenError {
  return new TokenError({
    code: 'token_expired',
    message: 'The access token expired while the request was handled (AADSTS500133).',
    hint: 'A request or connection that outlives its token needs a ticket: ticketFor(request, { validFor }).',
    verified: true,
  });
}

function consentMissing(aadsts: number | undefined, api: string): PermissionError {
  return new PermissionError({
    code: 'downstream_consent_missing',
    message: `The user has not consented that this API calls '${api}' on behalf of them, or may not use it${numbered(aadsts)}.`,
    hint: "Grant admin consent for this API's delegated permissions. Or add the client to knownClientApplications of this API and have it ask for {application ID URI}/.default. Or preauthorize this API at the other one (Entra: on-behalf-of flow, gaining consent). AADSTS50105: assign the user to the other API.",
  });
}

function signInAgain(aadsts: number | undefined): StepUpError {
  return new StepUpError({
    code: 'downstream_step_up_required',
    message: `The user has to sign in again before another API may be called on behalf of them${numbered(aadsts)}.`,
    hint: 'The sign-in behind the token has ended: revoked, or too long ago for a policy. The client has to sign the user in again, and come with a new token.',
    stepUp: { kind: 'sign-in', maxAgeSeconds: 0 },
  });
}

/** What to change for the numbers that are common (Entra: AADSTS error codes). */
const HINTS: Readonly<Record<number, string>> = {
  50013:
    'The token was issued for another API, or is signed with custom keys. Accept only tokens whose audience is this API.',
  240002: 'An ID token was exchanged. The client has to send an access token of this API.',
  7000114: 'An app-only token was exchanged. Call as this API itself: asApp().',
  7000215: 'The client secret is wrong. Entra shows the value of a secret once; its ID is not it.',
  7000222: 'The client secret has expired. Use a managed identity or a certificate.',
  700016:
    'The application is not in this tenant. Is the client ID right, and has an administrator consented?',
  700021: 'The client assertion is not accepted.',
  700024: 'The client assertion is too old or from the future. Is the clock of this machine right?',
  700027: 'The certificate is not in the app registration. Upload its public half.',
  70021:
    'No federated credential of the app registration matches the subject, issuer and audience of the assertion.',
  700211: 'No federated credential of the app registration matches the issuer of the assertion.',
  700212: 'No federated credential of the app registration matches the audience of the assertion.',
  700213: 'No federated credential of the app registration matches the subject of the assertion.',
  500011: 'The other API is not in this tenant. Is the application ID URI in scopes right?',
  650053: 'The other API does not have the scope. Compare scopes with its "Expose an API".',
  70011: 'A scope is not valid. Name each in full, and with one API only.',
};

function misconfigured({ aadsts, error }: Refused, api: string): DownstreamError {
  const hint = aadsts !== undefined && Object.hasOwn(HINTS, aadsts) ? HINTS[aadsts] : undefined;
  return new DownstreamError({
    code: 'downstream_misconfigured',
    message: `Entra gives this API no token for '${api}': ${printable(error)}${numbered(aadsts)}.`,
    hint:
      hint ??
      'Look the number up at https://login.microsoftonline.com/error, and compare the app registration.',
    api,
    aadsts,
  });
}

const printable = (text: string): string => text.slice(0, 100).replace(/[^\x20-\x7e]/g, '?');
