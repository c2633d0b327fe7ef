import type { ErrorCode } from '@entra-guard/core';
import type { Whose } from './aadsts.js';

/** What a code of this project means for the one who reads it. */
export interface OwnAdvice {
  readonly whose: Whose | 'the caller' | 'the operator';
  readonly change: string;
}

const client = (change: string): OwnAdvice => ({ whose: "the client's code", change });
const caller = (change: string): OwnAdvice => ({ whose: 'the caller', change });
const tenant = (change: string): OwnAdvice => ({ whose: 'the tenant', change });
const code = (change: string): OwnAdvice => ({ whose: "the API's code", change });
const operator = (change: string): OwnAdvice => ({ whose: 'the operator', change });

const ANOTHER_TOKEN =
  'Send the access token for this API: `entra-guard explain -` says what the one that was sent is.';
const HEALTH =
  'See guard.health() or /readyz: it says what does not answer, and since when. No caller is let in meanwhile.';

/** Each code has one: the type sees to it. */
export const OWN_CODES: Readonly<Record<ErrorCode, OwnAdvice>> = Object.freeze({
  credentials_missing: client(
    'Send the access token: Authorization: Bearer <token>. A browser client has to be allowed the header by CORS.',
  ),
  credentials_malformed: client('Send one Authorization header with one scheme and one token.'),
  token_malformed: client(ANOTHER_TOKEN),
  token_too_large: client('Ask for fewer claims, and use app roles in place of groups.'),
  algorithm_not_allowed: client(ANOTHER_TOKEN),
  issuer_not_accepted: code(
    'Compare tenant, cloud and token version: `entra-guard explain -` names the option. For v1 tokens set api.requestedAccessTokenVersion of the API to 2.',
  ),
  tenant_not_accepted: code(
    'If the tenant is a customer, add it to tenants. Otherwise the client has to use the authority of the right tenant.',
  ),
  audience_not_accepted: client(
    'Ask for a scope of this API, in full: api://<API>/<scope>. A token for Microsoft Graph is for nothing else.',
  ),
  token_expired: client(
    'Get a new token before each call, as MSAL does with acquireTokenSilent. Compare the clock of the API.',
  ),
  token_not_yet_valid: operator('Compare the clocks of this machine: entra-guard doctor.'),
  signing_key_not_found: operator(
    'The token is of another tenant, cloud or policy, or the authority has just rolled its keys: entra-guard doctor.',
  ),
  signature_invalid: client(
    'The token was changed, or is not of Entra. A token of Microsoft Graph can only be verified by Microsoft Graph.',
  ),
  not_an_access_token: client('Send the access token and not the ID token (MSAL: result.accessToken).'),
  token_kind_unknown: tenant(
    'Add the optional claim idtyp to access tokens of the API: Token configuration.',
  ),
  key_bound_token: client('Ask for a bearer token.'),
  policy_not_accepted: code('Add the user flow to policies, or use the right one in the client.'),
  token_revoked: operator(
    'Access was revoked: entra-guard revocations list says by whom and why. Lift it if it was a mistake.',
  ),
  token_lifetime_not_accepted: code(
    'Raise longestToken of the revocations, or shorten the lifetime of tokens of the API.',
  ),
  token_not_accepted: code(
    'The log has the code, which callers are not told. `entra-guard explain -` with the token says what is wrong with it, too.',
  ),
  token_without_permissions: tenant(
    'Give the client a scope or an app role of the API: API permissions of the client, with consent.',
  ),
  scope_missing: client('Ask for the scope that enough.scopes of the answer names, and consent to it.'),
  role_missing: tenant(
    'Assign the role: Enterprise applications → the API → Users and groups; for an app, API permissions and admin consent.',
  ),
  group_missing: tenant('Add the person to the group. Then they have to sign in again.'),
  groups_overage: code(
    'Give the guard groupsOf (groupsFromGraph), or use app roles: the person has too many groups for a token.',
  ),
  role_not_allowed: tenant(
    'The person has a role that is shut out here. Remove the assignment, or change withoutUserRoles.',
  ),
  caller_kind_not_allowed: client(
    'A user is needed where an app has called, or the other way round. The rule says which.',
  ),
  client_not_allowed: code('If this client should be let in, add it to clients(...).'),
  guest_not_allowed: tenant('Guests are shut out here. A member has to call, or members() has to go.'),
  agent_not_allowed: code(
    'Agents are shut out here. Allow this one: noAgents({ except }), or agents({ identities }).',
  ),
  check_refused: code("The API's check refused. Its name is in the requirement; its owner can say why."),
  no_requirement: code(
    'Nothing was decided about this handler or path: add a requirement, or a rule of the policy.',
  ),
  user_unknown: code('loadUser found no user. Create the user, or look at what it looks up.'),
  approval_required: caller('A person has to approve: open the address in the answer, or ask the approver.'),
  approval_denied: caller('A person has denied it. Ask them.'),
  downstream_consent_missing: tenant(
    'Consent to the other API for this one: its API permissions, with admin consent.',
  ),
  target_not_allowed: caller(
    'The caller may not revoke or approve this target: another tenant, or not allowed by the rule.',
  ),
  ticket_not_accepted: caller('The ticket has ended, or access was revoked. The person has to ask again.'),
  step_up_required: caller(
    'Sign in more strongly, with the claims of the challenge. MSAL: pass them to acquireToken.',
  ),
  sign_in_too_old: caller('Sign in again: prompt=login, or max_age.'),
  downstream_step_up_required: caller(
    'The other API asks for a stronger sign-in. Sign in with the claims of the challenge.',
  ),
  limit_exceeded: caller('Wait for as long as Retry-After says, or have the limit raised.'),
  cross_site_request: client(
    'Send the request from a page of the application itself, or with an access token. Behind TLS, set publicOrigin.',
  ),
  request_invalid: client(
    'The explanation in the body, or the log, says which part of the request is not clear.',
  ),
  path_not_canonical: client('Send the path in one reading: no //, no .., no encoded slashes.'),
  host_not_known: operator(
    'Add the host to an application of the policy, or send requests for it elsewhere.',
  ),
  method_not_allowed: client('Use a method of Allow, or add a rule for this one.'),
  sealed_caller_invalid: operator('Never run the job: its caller was changed, or sealed with another key.'),
  sealed_caller_unreadable: operator('Keep the job until all processes have the same keys and release.'),
  sealed_caller_expired: operator(
    'The job has waited longer than validFor. Seal with a longer one, or run jobs sooner.',
  ),
  check_failed: code("The API's check or loadUser threw: see the cause in the log."),
  downstream_misconfigured: operator(
    'The hint has the step in the registration; mostly a credential has ended: entra-guard registration.',
  ),
  downstream_target_refused: code(
    'The path or header would take a token elsewhere. Give fetch a path below the base of the API.',
  ),
  downstream_answer: operator('The other API has failed. Its status is in the error.'),
  caller_token_changed: code('Something has changed the Authorization header after the guard. Remove that.'),
  keys_unavailable: operator(`${HEALTH} Mostly DNS, a proxy or a firewall: entra-guard doctor.`),
  hook_failed: operator('A function of the application threw or took over 2 s: see the cause in the log.'),
  revocations_unavailable: operator(HEALTH),
  revocations_full: operator('Raise maxEntries, or revoke a wider target. What was revoked stays refused.'),
  budgets_unavailable: operator(HEALTH),
  approvals_unavailable: operator(HEALTH),
  sessions_unavailable: operator(`${HEALTH} sessions.store of the policy says where sessions are.`),
  downstream_unavailable: operator(
    'Entra does not give tokens for the other API at the moment. See downstream.health().',
  ),
  configuration_invalid: code(
    'The message names the option, what was given and what to write. Mostly a variable is unset.',
  ),
});

export function isOwnCode(text: string): text is ErrorCode {
  return Object.hasOwn(OWN_CODES, text);
}
