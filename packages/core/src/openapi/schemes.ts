import type { AuthorizationServer } from '../keys/authorization-server.js';
import type { OpenApiNames } from './operation.js';

/** An OpenAPI Security Scheme Object of type `oauth2` (OpenAPI 3.1 section 4.8.27). */
export interface OAuth2Scheme {
  readonly type: 'oauth2';
  readonly description: string;
  readonly flows: {
    readonly authorizationCode?: OAuth2Flow & { readonly authorizationUrl: string };
    readonly clientCredentials?: OAuth2Flow;
  };
}

interface OAuth2Flow {
  readonly tokenUrl: string;
  readonly scopes: Readonly<Record<string, string>>;
}

/**
 * Returns the security schemes that {@link describeOperation} refers to: users' tokens by the authorization code flow,
 * app-only tokens by the client credentials flow.
 *
 * @param scopes descriptions of the scopes, by their short names
 */
export function describeSchemes(
  { authorizationUrl, tokenUrl, applicationIdUri }: AuthorizationServer,
  scopes: Readonly<Record<string, string>>,
  { userScheme = 'entra', appScheme = 'entraApp' }: Omit<OpenApiNames, 'applicationIdUri'> = {},
): Readonly<Record<string, OAuth2Scheme>> {
  const inFull = Object.entries(scopes).map(
    ([scope, text]) => [`${applicationIdUri}/${scope}`, text] as const,
  );
  return {
    [userScheme]: {
      type: 'oauth2',
      description: 'An app acting for a signed-in user.',
      flows: { authorizationCode: { authorizationUrl, tokenUrl, scopes: Object.fromEntries(inFull) } },
    },
    [appScheme]: {
      type: 'oauth2',
      description: 'An app without a user, with the application permissions that it was granted.',
      flows: {
        clientCredentials: {
          tokenUrl,
          scopes: {
            [`${applicationIdUri}/.default`]: 'All application permissions that the app was granted.',
          },
        },
      },
    },
  };
}
