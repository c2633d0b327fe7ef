import type { EntraServices } from '../call.js';
import type { AuthenticatedClient } from '../client-authentication.js';
import { OAuthError } from '../oauth-error.js';

/** A request to the token endpoint, after client authentication. */
export interface GrantRequest {
  readonly entra: EntraServices;
  readonly body: URLSearchParams;
  readonly client: AuthenticatedClient;
  /** The first segment of the path: a tenant, or an alias such as `common`. */
  readonly tenant: string;
}

/**
 * Returns a parameter that must be present.
 * @throws {OAuthError} AADSTS900144 when it is missing
 */
export function required(body: URLSearchParams, name: string): string {
  const value = body.get(name);
  if (value === null || value === '') {
    throw new OAuthError(
      'invalid_request',
      900144,
      `The request body must contain the following parameter: '${name}'.`,
    );
  }
  return value;
}
