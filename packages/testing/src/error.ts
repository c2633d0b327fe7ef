/** Why the local Entra refused or failed. Codes do not change between versions. */
export type LocalEntraErrorCode =
  | 'production_refused'
  | 'platform_incomplete'
  | 'option_invalid'
  | 'port_taken'
  | 'state_refused'
  | 'closed'
  | 'host_not_answered'
  | 'api_unknown'
  | 'api_ambiguous'
  | 'client_unknown'
  | 'tenant_unknown'
  | 'policy_unknown'
  | 'scope_unknown'
  | 'role_unknown'
  | 'role_kind_wrong'
  | 'role_not_assigned'
  | 'sign_in_refused'
  | 'user_not_assigned';

/**
 * Thrown by the local Entra. The message says what was found, what was expected and what to do.
 * The token endpoint answers it as an OAuth error with `aadsts` as the error code.
 */
export class LocalEntraError extends Error {
  override readonly name = 'LocalEntraError';
  readonly code: LocalEntraErrorCode;
  /** The number of the AADSTS error that Entra answers in this case, if there is one. */
  readonly aadsts: number | undefined;

  constructor(code: LocalEntraErrorCode, message: string, aadsts?: number) {
    super(message);
    this.code = code;
    this.aadsts = aadsts;
  }
}
