/** The claims that `verify` gets. They are a copy, which the application may change. Any claim may be missing. */
export interface ITokenPayload {
  aud?: string | undefined;
  iss?: string | undefined;
  idp?: string | undefined;
  /** Issued at. All times are in seconds since the epoch. */
  iat?: number | undefined;
  nbf?: number | undefined;
  exp?: number | undefined;
  aio?: string | undefined;
  acr?: '0' | '1' | undefined;
  amr?: string[] | undefined;
  /** Client ID of the calling app in version 1 tokens. */
  appid?: string | undefined;
  /** Client ID of the calling app in version 2 tokens. */
  azp?: string | undefined;
  appidacr?: '0' | '1' | '2' | undefined;
  azpacr?: '0' | '1' | '2' | undefined;
  /** May be given to another user. Do not use it for authorization. */
  preferred_username?: string | undefined;
  name?: string | undefined;
  /** Delegated permissions, separated by spaces. */
  scp?: string | undefined;
  roles?: string[] | undefined;
  groups?: string | string[] | undefined;
  hasgroups?: true | undefined;
  sub?: string | undefined;
  oid?: string | undefined;
  tid?: string | undefined;
  unique_name?: string | undefined;
  uti?: string | undefined;
  rh?: string | undefined;
  ver?: '1.0' | '2.0' | undefined;
  ipaddr?: string | undefined;
  onprem_sid?: string | undefined;
  pwd_exp?: number | undefined;
  pwd_url?: string | undefined;
  in_corp?: string | undefined;
  nickname?: string | undefined;
  family_name?: string | undefined;
  given_name?: string | undefined;
  upn?: string | undefined;
}
