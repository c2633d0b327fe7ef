import type { App } from './apps.js';

/** Client ID of Microsoft Graph, which a request without a resource asks for. */
export const graphClientId = '00000003-0000-0000-c000-000000000000';
/** Application ID URI of Microsoft Graph. */
export const graphUri = 'https://graph.microsoft.com';
/** The name of Microsoft Graph where tests name an API. */
export const graphName = 'graph';

/**
 * Makes Microsoft Graph, whose tokens are of version 1 with its client ID as the audience.
 *
 * @param assignments application permissions by the app's name
 */
export function graphApp(assignments: Readonly<Record<string, readonly string[]>>): App {
  return {
    name: 'Microsoft Graph',
    clientId: graphClientId,
    oid: graphClientId,
    applicationIdUri: graphUri,
    registration: {
      tokenVersion: 1,
      optionalClaims: [
        { name: 'aud', additionalProperties: ['use_guid'] },
        { name: 'idtyp', additionalProperties: ['include_user_token'] },
        'xms_cc',
      ],
      assignments,
    },
    told: false,
  };
}

/** Whether a name or ID of an API means Microsoft Graph. */
export function isGraph(name: string): boolean {
  const bare = name.endsWith('/') ? name.slice(0, -1) : name;
  return bare === graphName || bare === graphUri || bare.toLowerCase() === graphClientId;
}
