import { EntraGuardError } from '@entra-guard/core';
import type { Answer } from '../answer/answer.js';
import { coreAnswer } from '../answer/answer.js';
import type { Settings } from '../options/settings.js';
import { facadeDocument } from './facade.js';

const PROTECTED_RESOURCE = '/.well-known/oauth-protected-resource';
const AUTHORIZATION_SERVER = '/.well-known/oauth-authorization-server';

/** Readable from every web page; clients send the protocol's revision along, which browsers ask about first. */
const CORS = {
  'Access-Control-Allow-Origin': '*',
  'Access-Control-Allow-Methods': 'GET, HEAD, OPTIONS',
  'Access-Control-Allow-Headers': 'MCP-Protocol-Version, Accept, Content-Type',
  'Access-Control-Max-Age': '3600',
};

/** Long enough for the requests of one sign-in, short enough for a change of the set-up. */
const CACHED = { 'Cache-Control': 'public, max-age=300', 'Content-Type': 'application/json' };

/** The public documents of an MCP server, by their paths. */
export class Documents {
  /** Where the metadata of the protected resource is. */
  readonly metadataUrl: string;
  /** Paths that are answered here. */
  readonly paths: readonly string[];
  readonly #documents: ReadonlyMap<string, () => Promise<object>>;
  readonly #settings: Settings;

  constructor(settings: Settings) {
    const { resource, hasFacade } = settings;
    this.#settings = settings;
    const path = `${PROTECTED_RESOURCE}${resource.pathname}`;
    this.metadataUrl = `${resource.origin}${path}`;
    const metadata = async () => protectedResource(settings);
    // RFC 9728 section 3.1 puts the path behind; some clients ask at the root only.
    const documents = new Map<string, () => Promise<object>>([
      [path, metadata],
      [PROTECTED_RESOURCE, metadata],
    ]);
    if (hasFacade) documents.set(AUTHORIZATION_SERVER, () => facadeDocument(settings));
    this.#documents = documents;
    this.paths = [...documents.keys()];
  }

  /** Answers a request for a document; `undefined` for any other path. @param path without a query */
  async answer(method: string, path: string): Promise<Answer | undefined> {
    const document = this.#documents.get(path);
    if (document === undefined) return undefined;
    if (method === 'OPTIONS') return { status: 204, headers: CORS, body: '' };
    if (method !== 'GET' && method !== 'HEAD') {
      return { status: 405, headers: { ...CORS, Allow: 'GET, HEAD, OPTIONS' }, body: '' };
    }
    try {
      const body = JSON.stringify(await document());
      return { status: 200, headers: { ...CORS, ...CACHED }, body: method === 'HEAD' ? '' : body };
    } catch (error) {
      if (!EntraGuardError.is(error)) throw error;
      const answer = coreAnswer(this.#settings.guard.toHttp(error));
      return { ...answer, headers: { ...answer.headers, ...CORS } };
    }
  }

  /** Whether a path is that of a document. */
  has(path: string): boolean {
    return this.#documents.has(path);
  }
}

/** The metadata of the protected resource (RFC 9728 section 2). Names no `offline_access` (MCP 2026-07-28). */
function protectedResource({
  resource,
  resourceName,
  initialScopes,
  authority,
  hasFacade,
}: Settings): object {
  return {
    resource: resource.href,
    authorization_servers: [hasFacade ? resource.origin : authority],
    scopes_supported: initialScopes,
    bearer_methods_supported: ['header'],
    ...(resourceName === undefined ? {} : { resource_name: resourceName }),
  };
}
