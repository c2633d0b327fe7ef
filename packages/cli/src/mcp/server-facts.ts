import { isSecure } from '@entra-guard/core/downstream';
import type { Host } from '../host.js';
import { type AuthorityFacts, examineAuthority } from './authority-facts.js';
import { type BearerChallenge, bearerChallengeIn } from './bearer-challenge.js';
import { ownValue, textList } from './foreign-text.js';
import { ask, type Reply } from './reply.js';

/** Where clients look for protected resource metadata (RFC 9728, section 3; MCP, "Protected Resource Metadata Discovery Requirements"). */
export type MetadataPlace = 'header' | 'path' | 'root';

/** Protected resource metadata, as far as clients of MCP read it. */
export interface ResourceMetadata {
  readonly place: MetadataPlace;
  readonly url: string;
  readonly resource: unknown;
  readonly authorizationServers: readonly string[];
  /** `undefined`: it names none. */
  readonly scopes: readonly string[] | undefined;
  /** `Access-Control-Allow-Origin`. */
  readonly allowedOrigin: string | null;
}

/** What an MCP server shows to a client that has no token. */
export interface ServerFacts {
  readonly url: URL;
  /** As it was given. */
  readonly text: string;
  /** `initialize`, without a token. */
  readonly initialize: Reply;
  /** `server/discover` of the revision 2026-07-28, without a token. */
  readonly discover: Reply;
  /** The stream of older revisions, without a token. */
  readonly stream: Reply;
  /** `initialize`, with text that is not a token. */
  readonly garbage: Reply;
  /** `initialize`, from a page of another origin. */
  readonly foreignOrigin: Reply;
  /** `initialize`, from the page of the MCP Inspector. */
  readonly inspector: Reply;
  readonly challenge: BearerChallenge | undefined;
  /** Whether the URL of the challenge may be asked. */
  readonly headerIsSafe: boolean;
  readonly metadata: readonly ResourceMetadata[];
  /** The one that clients use. */
  readonly used: ResourceMetadata | undefined;
  /** The first authorization server, the only one that clients use. */
  readonly authority: AuthorityFacts | undefined;
}

export const INSPECTOR_ORIGIN = 'http://localhost:6274';
export const FOREIGN_ORIGIN = 'https://attacker.example';
/** Not a token by any grammar of Entra, and nothing that a log has to hide. */
const GARBAGE = 'entra-guard.doctor.garbage';

/** Asks an MCP server, and the authorization server that it names, what any client asks. Sends no credentials. */
export async function examineServer(host: Pick<Host, 'fetch'>, text: string): Promise<ServerFacts> {
  const url = new URL(text);
  const post = (method: string, headers: Readonly<Record<string, string>> = {}) =>
    ask(host, text, {
      method: 'POST',
      headers: {
        accept: 'application/json, text/event-stream',
        'content-type': 'application/json',
        ...headers,
      },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: PARAMETERS[method] ?? {} }),
    });
  const [initialize, discover, stream, garbage, foreignOrigin, inspector] = await Promise.all([
    post('initialize'),
    post('server/discover', { 'mcp-protocol-version': '2026-07-28', 'mcp-method': 'server/discover' }),
    ask(host, text, { method: 'GET', headers: { accept: 'text/event-stream' } }),
    post('initialize', { authorization: `Bearer ${GARBAGE}` }),
    post('initialize', { origin: FOREIGN_ORIGIN }),
    post('initialize', { origin: INSPECTOR_ORIGIN }),
  ]);
  const challenge = bearerChallengeIn(initialize.headers.get('www-authenticate'));
  const named = challenge?.resourceMetadata;
  const headerIsSafe = named === undefined || mayAsk(named, url);
  const places: readonly (readonly [MetadataPlace, string])[] = [
    ...(named !== undefined && headerIsSafe ? [['header', new URL(named).href] as const] : []),
    ['path', wellKnown(url, url.pathname.replace(/\/$/, ''))],
    ['root', wellKnown(url, '')],
  ];
  const documents = await askOnce(
    host,
    places.map(([, place]) => place),
  );
  const metadata = places.flatMap(([place, at]) => metadataIn(place, documents.get(at)));
  // A client that is given a URL by the header looks nowhere else.
  const used = named === undefined ? metadata[0] : metadata.find(({ place }) => place === 'header');
  const server = used?.authorizationServers[0];
  const authority =
    server === undefined || !mayAsk(server, url) ? undefined : await examineAuthority(host, server);
  return {
    ...{ url, text, initialize, discover, stream, garbage, foreignOrigin, inspector },
    ...{ challenge, headerIsSafe, metadata, used, authority },
  };
}

/** Whether a URL that a foreign server names is asked: over https, or on this machine where the server is there without TLS. */
export function mayAsk(named: string, { protocol }: URL): boolean {
  if (!URL.canParse(named)) return false;
  const target = new URL(named);
  if (target.username !== '' || target.password !== '') return false;
  return target.protocol === 'https:' || (protocol === 'http:' && isSecure(target));
}

const PARAMETERS: Readonly<Record<string, object>> = {
  initialize: {
    protocolVersion: '2025-11-25',
    capabilities: {},
    clientInfo: { name: 'entra-guard-doctor', version: '1.0.0' },
  },
};

function wellKnown({ origin }: URL, path: string): string {
  return `${origin}/.well-known/oauth-protected-resource${path}`;
}

/** Asks for documents, for each once; as a page of the Inspector would, so that the answers say whether it may read them. */
async function askOnce(
  host: Pick<Host, 'fetch'>,
  urls: readonly string[],
): Promise<ReadonlyMap<string, Reply>> {
  const headers = { accept: 'application/json', origin: INSPECTOR_ORIGIN };
  const distinct = [...new Set(urls)];
  return new Map(
    await Promise.all(distinct.map(async (url) => [url, await ask(host, url, { headers })] as const)),
  );
}

function metadataIn(place: MetadataPlace, reply: Reply | undefined): readonly ResourceMetadata[] {
  if (reply?.status !== 200 || reply.document === undefined) return [];
  const { url, document, headers } = reply;
  return [
    {
      place,
      url,
      resource: ownValue(document, 'resource'),
      authorizationServers: textList(document, 'authorization_servers') ?? [],
      scopes: textList(document, 'scopes_supported'),
      allowedOrigin: headers.get('access-control-allow-origin'),
    },
  ];
}
