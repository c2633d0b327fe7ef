/** Where clients get tokens for an API, as the authority's metadata names it. */
export interface AuthorizationServer {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** The API's application ID URI: a scope is asked for as `{applicationIdUri}/{scope}`. */
  readonly applicationIdUri: string;
}
