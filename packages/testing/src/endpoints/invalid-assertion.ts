import type { AadstsCode } from '../aadsts-codes.js';
import type { App } from '../directory/apps.js';
import { OAuthError } from './oauth-error.js';

/** Returns the refusal of a client assertion, with the code that Entra answers. */
export function invalidAssertion(app: App, why: string, aadsts: AadstsCode = 700027): OAuthError {
  return new OAuthError(
    'invalid_client',
    aadsts,
    `The client assertion of '${app.clientId}' is not valid: ${why}.`,
    401,
  );
}
