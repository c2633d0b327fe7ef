/** Where clients get tokens for an API, from the authority's metadata. */
export interface AuthorizationServer {
  readonly authorizationUrl: string;
  readonly tokenUrl: string;
  /** The API's application ID URI. Clients ask for a scope as `{applicationIdUri}/{scope}`. */
  readonly applicationIdUri: string;
}
