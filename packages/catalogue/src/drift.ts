/** The kind of a difference between code and registration. A kind never changes its meaning. */
export type DriftKind =
  | 'identifier_uri_missing'
  | 'token_version'
  | 'permission_missing'
  | 'permission_surplus'
  | 'permission_kind'
  | 'permission_id'
  | 'permission_renamed'
  | 'permission_disabled'
  | 'permission_not_retired'
  | 'consent_differs'
  | 'members_differ'
  | 'title_differs'
  | 'description_differs'
  | 'optional_claim_missing'
  | 'pre_authorization_missing'
  | 'pre_authorization_surplus'
  | 'personal_account_limit';

/** One difference, and what to do about it. */
export interface Drift {
  readonly kind: DriftKind;
  /** The thing that differs: `scope Orders.Read`. */
  readonly subject: string;
  /** What the code says. */
  readonly code: string;
  /** What the registration says. */
  readonly registration: string;
  /** Which side to change. If that is the registration, `fix` also says what to do if the code is wrong. */
  readonly change: 'code' | 'registration';
  /** How to change it. */
  readonly fix: string;
}
