import type { ErrorCode } from '../base/code-status.js';
import type { CredentialPlace } from '../base/errors.js';

/** What callers are told. A closed list, so that no text of a token or an authority gets into an answer. */
const PUBLIC: Readonly<Record<ErrorCode, string>> = {
  credentials_missing: 'An access token is needed: Authorization: Bearer <token>.',
  credentials_malformed: 'The Authorization header is not one Bearer token.',
  token_malformed: 'The access token is not a well-formed signed JWT.',
  token_too_large: 'The access token is too large.',
  algorithm_not_allowed: 'The access token is signed with an algorithm that is not allowed.',
  issuer_not_accepted: "The access token's issuer is not accepted.",
  tenant_not_accepted: "The access token's tenant is not accepted.",
  audience_not_accepted: 'The access token is not meant for this API.',
  token_expired: 'The access token has expired.',
  token_not_yet_valid: 'The access token is not valid yet.',
  signing_key_not_found: 'The access token is signed with a key that its issuer does not publish.',
  signature_invalid: "The access token's signature does not hold.",
  not_an_access_token: 'The token is not an access token.',
  token_kind_unknown: 'The access token is neither delegated nor app-only.',
  key_bound_token: 'The access token is bound to a key, which is not supported.',
  policy_not_accepted: 'The access token comes from a policy that is not accepted.',
  token_revoked: 'The access token has been revoked.',
  token_lifetime_not_accepted: 'The access token is valid for longer than is accepted.',
  token_not_accepted: 'The access token is not accepted.',
  token_without_permissions: 'The access token carries no scope and no role.',
  scope_missing: 'The access token lacks a scope.',
  role_missing: 'The caller lacks a role or an application permission.',
  group_missing: 'The caller is not in a group that is needed.',
  groups_overage: 'The access token does not hold all groups of the caller.',
  role_not_allowed: 'The caller has a role that may not do this.',
  caller_kind_not_allowed: 'This kind of caller may not do this.',
  client_not_allowed: 'This client application may not do this.',
  guest_not_allowed: 'Guests may not do this.',
  agent_not_allowed: 'AI agents may not do this.',
  check_refused: 'The caller may not do this.',
  no_requirement: 'No caller may do this: the API declares no requirement here.',
  user_unknown: 'This API does not know the user.',
  approval_required: 'This needs an approval first.',
  approval_denied: 'The approval that this needs was denied.',
  downstream_consent_missing: 'The client has to ask for consent to another API that this one calls.',
  target_not_allowed: 'This may not be called for the caller.',
  ticket_not_accepted: 'The API may no longer act for the user.',
  step_up_required: 'A stronger sign-in is needed.',
  sign_in_too_old: 'A more recent sign-in is needed.',
  downstream_step_up_required: 'Another API that this one calls needs a stronger sign-in.',
  limit_exceeded: 'The caller has reached its limit for now.',
  request_invalid: 'The request is not understood.',
  path_not_canonical: "The request's path is not in its canonical form.",
  cross_site_request: 'Another site has sent this request in the name of a browser that is signed in.',
  host_not_known: 'There is nothing at this host.',
  method_not_allowed: 'This method is not allowed here.',
  sealed_caller_invalid: 'The job names no caller that can be trusted.',
  sealed_caller_unreadable: 'The job names a caller that can not be read here.',
  sealed_caller_expired: 'The job has waited too long for its caller.',
  check_failed: 'The API could not decide about this request.',
  downstream_misconfigured: 'The API is not set up to call another API.',
  downstream_target_refused: 'The API refused to call another API in this way.',
  downstream_answer: 'Another API that this one calls has failed.',
  caller_token_changed: 'The API could not act for the caller.',
  keys_unavailable: 'The API cannot verify access tokens at the moment.',
  hook_failed: 'The API cannot decide about access tokens at the moment.',
  revocations_unavailable: 'The API cannot find out at the moment whether access was revoked.',
  revocations_full: 'The API can not revoke more access at the moment.',
  budgets_unavailable: 'The API cannot count calls at the moment.',
  approvals_unavailable: 'The API cannot find out at the moment whether this was approved.',
  sessions_unavailable: 'The API cannot look up the session at the moment.',
  downstream_unavailable: 'Another API that this one calls cannot be reached at the moment.',
  configuration_invalid: 'The API is not set up correctly.',
};

/** Returns the sentence that callers get for a code. */
export function publicSentence(code: ErrorCode): string {
  return PUBLIC[code];
}

/** What callers are told of a malformed credential, by where it is. */
const MALFORMED: Readonly<Record<CredentialPlace, string>> = {
  header: PUBLIC.credentials_malformed,
  query: 'The request has an access token in its query, which is not allowed.',
  body: 'The access_token in the body is not one token.',
  'header and body': 'The request has more than one access token.',
};

/** Returns the sentence that callers get for a malformed credential. */
export function malformedSentence(place: CredentialPlace): string {
  return MALFORMED[place];
}
