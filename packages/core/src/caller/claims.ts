/**
 * The claims of an Entra access token, v1 and v2. Any may be missing: "Claims are present only if a value exists to fill
 * it" (Entra: access token claims reference). Never decide by `name`, `email`, `upn`, `unique_name` or
 * `preferred_username`: they change hands.
 */
export interface EntraClaims {
  readonly aud: string;
  readonly iss: string;
  readonly exp: number;
  readonly iat?: number;
  readonly nbf?: number;
  readonly ver?: '1.0' | '2.0' | (string & {});
  readonly tid?: string;
  readonly oid?: string;
  readonly sub?: string;
  /** v1: the client's application ID. */
  readonly appid?: string;
  /** v1: how the client proved itself: `0` not, `1` by secret, `2` by certificate. */
  readonly appidacr?: string;
  /** v2 and B2C: the client's application ID. */
  readonly azp?: string;
  /** v2: how the client proved itself: `0` not, `1` by secret, `2` by certificate. */
  readonly azpacr?: string;
  readonly scp?: string;
  readonly roles?: readonly string[];
  readonly groups?: readonly string[];
  readonly wids?: readonly string[];
  readonly idtyp?: string;
  readonly uti?: string;
  readonly acct?: number;
  readonly acr?: string;
  /** v1 only. */
  readonly amr?: readonly string[];
  readonly acrs?: readonly string[];
  readonly auth_time?: number;
  readonly idp?: string;
  readonly name?: string;
  readonly preferred_username?: string;
  readonly unique_name?: string;
  readonly upn?: string;
  readonly email?: string;
  readonly sid?: string;
  readonly tfp?: string;
  readonly xms_cc?: readonly string[];
  readonly xms_act_fct?: string;
  readonly xms_sub_fct?: string;
  readonly xms_par_app_azp?: string;
  readonly xms_idrel?: string;
  readonly [claim: string]: unknown;
}
