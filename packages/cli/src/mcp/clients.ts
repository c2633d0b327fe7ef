import { KNOWN_MCP_CLIENTS } from '@entra-guard/catalogue';
import type { ServerFacts } from './server-facts.js';

/** Clients of MCP that a verdict is given about. */
export const CLIENTS = [
  'VS Code',
  'Claude (web, Desktop)',
  'Claude Code',
  'Cursor',
  'ChatGPT',
  'MCP Inspector',
  'mcp-remote',
  'Copilot Studio',
  'SDK v1',
  'SDK v2',
] as const;

export type ClientName = (typeof CLIENTS)[number];

/** Platforms of a redirect URI in an app registration. */
export type Platform = 'Mobile and desktop applications' | 'Web';

/** What an operator registers and sets for a client that has no registration at Entra. */
export interface ClientSetUp {
  readonly redirectUris: readonly string[];
  readonly platform: Platform;
  /** Where the client ID goes. */
  readonly setting: string;
  /** The URL by which it identifies where Entra takes one (Client ID Metadata Documents, a preview). */
  readonly metadataId?: string;
}

/**
 * What is to be set up for each client.
 *
 * Evidence, as of November 2026: [R] read in the client's source, [D] documentation of the vendor, [F] reports of users. A redirect URI
 * of a loopback address may have any port, but its path has to match (Entra: "Redirect URI restrictions and limitations").
 */
export const SET_UPS: Readonly<Record<ClientName, ClientSetUp>> = {
  // [R] microsoft/vscode extHostMcp.ts, mainThreadMcp.ts; only where the built-in provider is not used.
  'VS Code': {
    redirectUris: ['http://127.0.0.1:33418/', 'http://127.0.0.1/', 'https://vscode.dev/redirect'],
    platform: 'Mobile and desktop applications',
    setting: 'oauth.clientId in mcp.json',
    metadataId: 'https://vscode.dev/oauth/client-metadata.json',
  },
  // [F] anthropics/claude-ai-mcp#894: the platform decides whether a secret is wanted.
  'Claude (web, Desktop)': {
    redirectUris: ['https://claude.ai/api/mcp/auth_callback', 'https://claude.com/api/mcp/auth_callback'],
    platform: 'Mobile and desktop applications',
    setting: 'the client ID in the advanced settings of the connector',
  },
  // [F] anthropics/claude-code#26675, #73460.
  'Claude Code': {
    redirectUris: ['http://localhost/callback'],
    platform: 'Mobile and desktop applications',
    setting: 'oauth.clientId and oauth.callbackPort of the server; oauth.scopes wins over its scopes',
    metadataId: 'https://claude.ai/oauth/claude-code-client-metadata',
  },
  // [D] excerpt of Cursor's documentation; [F].
  Cursor: {
    redirectUris: [
      'http://localhost:8787/callback',
      'https://www.cursor.com/agents/mcp/oauth/callback',
      'cursor://anysphere.cursor-mcp/oauth/callback',
    ],
    platform: 'Mobile and desktop applications',
    setting: 'auth.CLIENT_ID and auth.scopes in mcp.json',
  },
  // [D] excerpt of the authentication page of OpenAI's Apps SDK; [F].
  ChatGPT: {
    redirectUris: ['https://chatgpt.com/connector/oauth/<id, which the connector shows>'],
    platform: 'Mobile and desktop applications',
    setting: 'a predefined client in the settings of the connector',
  },
  // [R] modelcontextprotocol/inspector; [F] inspector#2068.
  'MCP Inspector': {
    redirectUris: ['http://localhost:6274/oauth/callback'],
    platform: 'Mobile and desktop applications',
    setting: 'Client ID under Authentication',
  },
  // [D] README of geelen/mcp-remote; [F] mcp-remote#217.
  'mcp-remote': {
    redirectUris: ['http://localhost/oauth/callback'],
    platform: 'Mobile and desktop applications',
    setting:
      '--static-oauth-client-info \'{"client_id":"…"}\'; --disable-resource-parameter leaves out the resource',
  },
  // [D] excerpt of Microsoft's page on MCP in Copilot Studio.
  'Copilot Studio': {
    redirectUris: ['<the URL that its wizard shows>'],
    platform: 'Web',
    setting: 'OAuth 2.0, manual: client ID, secret, the URLs of Entra, fully qualified scopes',
  },
  'SDK v1': {
    redirectUris: ['http://localhost/<path of your callback>'],
    platform: 'Mobile and desktop applications',
    setting: 'clientInformation() of the OAuthClientProvider',
  },
  'SDK v2': {
    redirectUris: ['http://localhost/<path of your callback>'],
    platform: 'Mobile and desktop applications',
    setting: 'clientInformation() of the OAuthClientProvider',
  },
};

/** Whether VS Code signs in with its built-in Microsoft provider: it compares the host of the first authorization server. */
export function isBuiltIn({ authority }: Pick<ServerFacts, 'authority'>): boolean {
  return authority !== undefined && new URL(authority.named).hostname === 'login.microsoftonline.com';
}

/** What is left to do for a client of this server once nothing stands in its way. */
export function setUpFor(client: ClientName, facts: ServerFacts): readonly string[] {
  const { metadataId } = SET_UPS[client];
  const known = KNOWN_MCP_CLIENTS.find(({ name }) => name === client);
  if (known !== undefined && isBuiltIn(facts)) {
    return [
      `It signs in with its built-in Microsoft provider. Pre-authorize ${known.clientId} for the scopes under "Expose an API": it may show no consent page.`,
    ];
  }
  if (facts.authority?.registers === true && client !== 'Copilot Studio') return [];
  if (facts.authority?.takesMetadataIds === true && metadataId !== undefined) {
    return [
      `It identifies as ${metadataId}. An administrator may have to add it to the tenant, and its tokens may be those of an agent identity.`,
    ];
  }
  const { redirectUris, platform, setting } = SET_UPS[client];
  const secret = platform === 'Web' ? ', with a client secret' : ', which asks for no secret';
  return [
    `Register a client with the redirect URI${redirectUris.length === 1 ? '' : 's'} ${redirectUris.join(', ')} under "${platform}"${secret}, and the scopes as API permissions. Its ID goes to: ${setting}.`,
  ];
}
