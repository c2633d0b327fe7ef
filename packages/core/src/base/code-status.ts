/** What went wrong, as a stable code. Switch on it; show `message` and `hint` to people. */
export type ErrorCode =
  // credential (400 or 401)
  | 'credentials_missing'
  | 'credentials_malformed'
  // token (401)
  | 'token_malformed'
  | 'token_too_large'
  | 'algorithm_not_allowed'
  | 'issuer_not_accepted'
  | 'tenant_not_accepted'
  | 'audience_not_accepted'
  | 'token_expired'
  | 'token_not_yet_valid'
  | 'signing_key_not_found'
  | 'signature_invalid'
  | 'not_an_access_token'
  | 'token_kind_unknown'
  | 'key_bound_token'
  | 'policy_not_accepted'
  | 'token_revoked'
  | 'token_lifetime_not_accepted'
  /** Replaces the codes above in answers to callers, where several tenants are accepted. */
  | 'token_not_accepted'
  // permission (403)
  | 'token_without_permissions'
  | 'scope_missing'
  | 'role_missing'
  | 'group_missing'
  /** The user has too many groups for the token, and nothing was configured to resolve them. */
  | 'groups_overage'
  | 'role_not_allowed'
  | 'caller_kind_not_allowed'
  | 'client_not_allowed'
  | 'guest_not_allowed'
  | 'agent_not_allowed'
  | 'check_refused'
  | 'no_requirement'
  | 'user_unknown'
  | 'approval_required'
  /** A person has denied the approval that the call needs. */
  | 'approval_denied'
  | 'downstream_consent_missing'
  | 'target_not_allowed'
  /** A ticket to act for a user later is unknown, has ended, or its user's access was revoked. */
  | 'ticket_not_accepted'
  // step-up (401)
  | 'step_up_required'
  | 'sign_in_too_old'
  | 'downstream_step_up_required'
  // too much, or not a request that can be decided about (429, 400, 403, 404, 405)
  | 'limit_exceeded'
  /** A browser's session came along with a request that another site has sent. */
  | 'cross_site_request'
  | 'request_invalid'
  | 'path_not_canonical'
  | 'host_not_known'
  | 'method_not_allowed'
  // a caller that was sealed for a job (403)
  | 'sealed_caller_invalid'
  | 'sealed_caller_unreadable'
  | 'sealed_caller_expired'
  // the API's fault, not the caller's
  | 'check_failed'
  | 'downstream_misconfigured'
  /** A path or a header that would take a token elsewhere, or make it another caller's. */
  | 'downstream_target_refused'
  /** Another API answered with a status that is not a success (502). */
  | 'downstream_answer'
  | 'caller_token_changed'
  // unavailable (503)
  | 'keys_unavailable'
  | 'hook_failed'
  | 'revocations_unavailable'
  /** No further record fits; those that are there hold. */
  | 'revocations_full'
  | 'budgets_unavailable'
  | 'approvals_unavailable'
  /** The store of browsers' sessions does not answer. */
  | 'sessions_unavailable'
  | 'downstream_unavailable'
  | 'configuration_invalid';

/** The HTTP status of the answer to each code. A check may ask for a 404 instead of a 403. */
export const STATUS_OF = {
  credentials_missing: 401,
  credentials_malformed: 400,
  token_malformed: 401,
  token_too_large: 401,
  algorithm_not_allowed: 401,
  issuer_not_accepted: 401,
  tenant_not_accepted: 401,
  audience_not_accepted: 401,
  token_expired: 401,
  token_not_yet_valid: 401,
  signing_key_not_found: 401,
  signature_invalid: 401,
  not_an_access_token: 401,
  token_kind_unknown: 401,
  key_bound_token: 401,
  policy_not_accepted: 401,
  token_revoked: 401,
  token_lifetime_not_accepted: 401,
  token_not_accepted: 401,
  token_without_permissions: 403,
  scope_missing: 403,
  role_missing: 403,
  group_missing: 403,
  groups_overage: 403,
  role_not_allowed: 403,
  caller_kind_not_allowed: 403,
  client_not_allowed: 403,
  guest_not_allowed: 403,
  agent_not_allowed: 403,
  check_refused: 403,
  no_requirement: 403,
  user_unknown: 403,
  approval_required: 403,
  approval_denied: 403,
  downstream_consent_missing: 403,
  target_not_allowed: 403,
  ticket_not_accepted: 403,
  step_up_required: 401,
  sign_in_too_old: 401,
  downstream_step_up_required: 401,
  limit_exceeded: 429,
  request_invalid: 400,
  path_not_canonical: 400,
  cross_site_request: 403,
  host_not_known: 404,
  method_not_allowed: 405,
  sealed_caller_invalid: 403,
  sealed_caller_unreadable: 403,
  sealed_caller_expired: 403,
  check_failed: 500,
  downstream_misconfigured: 500,
  downstream_target_refused: 500,
  downstream_answer: 502,
  caller_token_changed: 500,
  keys_unavailable: 503,
  hook_failed: 503,
  revocations_unavailable: 503,
  revocations_full: 503,
  budgets_unavailable: 503,
  approvals_unavailable: 503,
  sessions_unavailable: 503,
  downstream_unavailable: 503,
  configuration_invalid: 500,
} as const satisfies Readonly<Record<ErrorCode, number>>;

/**
 * Tells whether a denial is the API's fault and not the caller's: its status is 500 or more, or the application's code
 * threw something that has no code. A code that only another release knows is taken for a refusal.
 */
export function isOurFault(code: ErrorCode | undefined): boolean {
  return code === undefined || (Object.hasOwn(STATUS_OF, code) && STATUS_OF[code] >= 500);
}
