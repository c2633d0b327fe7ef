import { type App, asksFor } from '../../directory/apps.js';
import { OAuthError } from '../oauth-error.js';

interface ClaimsRequest {
  readonly access_token?: {
    readonly acrs?: { readonly value?: string; readonly values?: readonly string[] } | null;
    readonly xms_cc?: { readonly values?: readonly string[] } | null;
  };
}

/**
 * Returns the claims that the `claims` parameter adds to an access token: the authentication contexts it asks for, which
 * the local Entra takes as satisfied, and the client's capabilities if the API asks for them (`xms_cc`).
 */
export function requestedClaims(api: App, parameter: string | null | undefined): Record<string, unknown> {
  if (parameter === null || parameter === undefined || parameter === '') return {};
  const { acrs, xms_cc } = parse(parameter)?.access_token ?? {};
  const contexts = acrs?.values ?? (acrs?.value === undefined ? undefined : [acrs.value]);
  const capabilities = asksFor(api, 'xms_cc') ? xms_cc?.values : undefined;
  return {
    ...(contexts === undefined ? {} : { acrs: contexts }),
    ...(capabilities === undefined ? {} : { xms_cc: capabilities }),
  };
}

function parse(parameter: string): ClaimsRequest | null {
  try {
    return JSON.parse(parameter) as ClaimsRequest | null;
  } catch {
    throw new OAuthError('invalid_request', 50148, "The 'claims' parameter is not JSON.");
  }
}
