import type { Settings } from '../options/settings.js';

/**
 * Metadata of an authorization server (RFC 8414) at the server's own origin, with Entra's end points. It says that PKCE works, which
 * Entra's own metadata leaves out and strict clients ask for, and does not name `offline_access`, with which some clients ask for
 * consent at each sign-in. Codes and tokens go between client and Entra.
 *
 * @throws UnavailableError while Entra's metadata is unavailable; ConfigurationError if it names no end point (as rejections)
 */
export async function facadeDocument({ guard, resource, initialScopes }: Settings): Promise<object> {
  const { authorizationUrl, tokenUrl } = await guard.validator.authorizationServer();
  return {
    issuer: resource.origin,
    authorization_endpoint: authorizationUrl,
    token_endpoint: tokenUrl,
    response_types_supported: ['code'],
    response_modes_supported: ['query', 'fragment', 'form_post'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
    token_endpoint_auth_methods_supported: [
      'none',
      'client_secret_post',
      'client_secret_basic',
      'private_key_jwt',
    ],
    code_challenge_methods_supported: ['S256'],
    scopes_supported: initialScopes,
  };
}
