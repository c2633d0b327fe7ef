import type { EntraServices } from '../call.js';
import type { AuthenticatedClient } from '../client-authentication.js';
import { OAuthError } from '../oauth-error.js';

/** A request to the token endpoint whose client is known. */
export interface GrantRequest {
  readonly entra: EntraServices;
  readonly body: URLSearchParams;
  readonly client: AuthenticatedClient;
  /** The first segment of the path: a tenant or an alias of one. */
  readonly tenant: string;
}

/** @throws {OAuthError} AADSTS900144 when it is missing */
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
