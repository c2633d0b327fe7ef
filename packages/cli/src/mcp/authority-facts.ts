import type { Host } from '../host.js';
import { ownValue, textList } from './foreign-text.js';
import { ask } from './reply.js';

/** What the first authorization server of an MCP server says of itself. */
export interface AuthorityFacts {
  /** As the metadata of the server names it. */
  readonly named: string;
  /** Where metadata was found, in the order in which clients look. Empty: nowhere. */
  readonly places: readonly string[];
  readonly issuer: unknown;
  /** `code_challenge_methods_supported`. `undefined`: it says nothing. */
  readonly challengeMethods: readonly string[] | undefined;
  readonly scopes: readonly string[];
  /** Whether clients can register (RFC 7591). */
  readonly registers: boolean;
  /** Whether clients can identify by the URL of their metadata (MCP 2025-11-25, "Client ID Metadata Documents"). */
  readonly takesMetadataIds: boolean;
  /** Whether sign-in is at Entra: it is named, or its authorization endpoint is. */
  readonly isEntra: boolean;
  /** Whether it is named by the URL that VS Code's built-in provider answers to. */
  readonly isNamedEntra: boolean;
  /** The segment of the URL that names the tenant at Entra. */
  readonly tenant: string | undefined;
}

/** Hosts of Entra in all clouds. */
const ENTRA_HOSTS: ReadonlySet<string> = new Set([
  'login.microsoftonline.com',
  'login.microsoftonline.us',
  'login.partner.microsoftonline.cn',
  'login.windows.net',
  'sts.windows.net',
]);

/** The path of Entra's authorization endpoint, which a local Entra has too. */
const AUTHORIZE = /^\/[^/]+\/oauth2\/(?:v2\.0\/)?authorize$/;

/** Looks for the metadata of an authorization server where clients of MCP do, and reads it. */
export async function examineAuthority(host: Pick<Host, 'fetch'>, named: string): Promise<AuthorityFacts> {
  const headers = { accept: 'application/json' };
  const replies = await Promise.all(placesOf(named).map((place) => ask(host, place, { headers })));
  const found = replies.filter(({ status, document }) => status === 200 && document !== undefined);
  const document = found[0]?.document ?? {};
  const authorization = ownValue(document, 'authorization_endpoint');
  const { hostname, pathname } = new URL(named);
  return {
    named,
    places: found.map(({ url }) => url),
    issuer: ownValue(document, 'issuer'),
    challengeMethods: textList(document, 'code_challenge_methods_supported'),
    scopes: textList(document, 'scopes_supported') ?? [],
    registers: typeof ownValue(document, 'registration_endpoint') === 'string',
    takesMetadataIds: ownValue(document, 'client_id_metadata_document_supported') === true,
    isEntra: ENTRA_HOSTS.has(hostname) || isEntraEndpoint(authorization),
    isNamedEntra: ENTRA_HOSTS.has(hostname),
    tenant: pathname.split('/')[1] || undefined,
  };
}

/** The places in the order of MCP, "Authorization Server Metadata Discovery"; without a path the last two are one. */
export function placesOf(named: string): readonly string[] {
  const { origin, pathname } = new URL(named);
  const path = pathname.replace(/\/$/, '');
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ];
}

function isEntraEndpoint(endpoint: unknown): boolean {
  if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return false;
  const { hostname, pathname } = new URL(endpoint);
  return ENTRA_HOSTS.has(hostname) || AUTHORIZE.test(pathname);
}
