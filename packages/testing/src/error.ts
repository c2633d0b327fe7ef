/** What the local Entra refused or could not do, in a word that never changes. */
export type LocalEntraErrorCode =
  | 'production_refused'
  | 'platform_incomplete'
  | 'option_invalid'
  | 'port_taken'
  | 'closed'
  | 'host_not_answered'
  | 'api_unknown'
  | 'api_ambiguous'
  | 'client_unknown'
  | 'tenant_unknown'
  | 'scope_unknown'
  | 'role_unknown'
  | 'role_kind_wrong'
  | 'role_not_assigned';

/**
 * Thrown by the local Entra: what was found, what was expected and what to do, in one message.
 * The token endpoint answers the same refusals as OAuth errors with `aadsts` as their code.
 */
export class LocalEntraError extends Error {
  override readonly name = 'LocalEntraError';
  readonly code: LocalEntraErrorCode;
  /** The number of the AADSTS error that Entra answers with in this case, where there is one. */
  readonly aadsts: number | undefined;

  constructor(code: LocalEntraErrorCode, message: string, aadsts?: number) {
    super(message);
    this.code = code;
    this.aadsts = aadsts;
  }
}
