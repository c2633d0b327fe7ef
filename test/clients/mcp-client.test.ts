import type { IncomingMessage } from 'node:http';
import { entraGuard, scopes } from '@entra-guard/express';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { type OAuthClientProvider, UnauthorizedError } from '@modelcontextprotocol/sdk/client/auth.js';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { OAuthClientInformationMixed, OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import express from 'express5';
import { afterEach, expect, it } from 'vitest';
import { claimsOf } from '../../packages/testing/test/read-token.js';
import type { RunningHost } from '../hosts/http/run-rows.js';
import { listen } from '../support/listen.js';

let entra: LocalEntra;
let host: RunningHost;
afterEach(async () => {
  await host?.close();
  await entra?.close();
});

/** An MCP server with one tool, whose address is its application ID URI, and the metadata of RFC 9728. */
async function startServer(): Promise<URL> {
  const app = express();
  host = await listen(app);
  const resource = `${host.origin.replace('127.0.0.1', 'localhost')}/mcp`;
  entra = await startEntra({
    port: 0,
    apps: {
      notes: { scopes: ['Notes.Read'], applicationIdUri: resource },
      editor: { platform: 'public' },
    },
  });
  const guard = entraGuard({ ...entra.options('notes'), log: false });
  app.get('/.well-known/oauth-protected-resource/mcp', (_req, res) => {
    res.json({
      resource,
      authorization_servers: [entra.authority],
      scopes_supported: [`${resource}/Notes.Read`, 'offline_access'],
    });
  });
  app.post('/mcp', guard.require(scopes('Notes.Read')), express.json(), async (req, res) => {
    const server = new McpServer({ name: 'notes', version: '1.0.0' });
    server.registerTool('first', { description: 'Reads the first note.' }, async () => ({
      content: [{ type: 'text', text: `of ${req.auth.objectId}` }],
    }));
    const transport = new StreamableHTTPServerTransport({});
    res.on('close', () => void server.close());
    await server.connect(transport as Parameters<typeof server.connect>[0]);
    // The SDK has a type of its own for `req.auth`.
    const incoming: IncomingMessage = req;
    await transport.handleRequest(incoming, res, req.body);
  });
  app.use('/mcp', (_req, res) => void res.sendStatus(405));
  return new URL(resource);
}

/** What an editor keeps. It is registered in Entra, which has no dynamic registration. */
class Editor implements OAuthClientProvider {
  readonly redirectUrl = 'http://localhost:33418/callback';
  readonly clientMetadata = { redirect_uris: [this.redirectUrl], token_endpoint_auth_method: 'none' };
  readonly asked: URL[] = [];
  kept: OAuthTokens | undefined;
  #verifier = '';
  #client: OAuthClientInformationMixed = { client_id: entra.clientIdOf('editor') };

  clientInformation() {
    return this.#client;
  }
  saveClientInformation(client: OAuthClientInformationMixed) {
    this.#client = client;
  }
  tokens() {
    return this.kept;
  }
  saveTokens(tokens: OAuthTokens) {
    this.kept = tokens;
  }
  redirectToAuthorization(url: URL) {
    this.asked.push(url);
  }
  saveCodeVerifier(verifier: string) {
    this.#verifier = verifier;
  }
  codeVerifier() {
    return this.#verifier;
  }
}

it('the client of the MCP SDK, unmodified, signs in, calls a tool, and refreshes', async () => {
  const url = await startServer();
  const editor = new Editor();
  const connect = async () => {
    const transport = new StreamableHTTPClientTransport(url, { authProvider: editor });
    const client = new Client({ name: 'editor', version: '1.0.0' });
    const connected = client.connect(transport as Parameters<typeof client.connect>[0]);
    return { client, transport, connected };
  };
  const first = await connect();
  await expect(first.connected).rejects.toThrow(UnauthorizedError);
  const asked = editor.asked[0]?.searchParams;
  expect(asked?.get('resource')).toBe(url.href);
  expect(asked?.get('code_challenge_method')).toBe('S256');
  const redirect = await entra.fetch(editor.asked[0] ?? '', { redirect: 'manual' });
  const code = new URL(redirect.headers.get('location') ?? '').searchParams.get('code');
  await first.transport.finishAuth(code ?? '');
  expect(claimsOf(editor.kept?.access_token ?? '')).toMatchObject({
    scp: 'Notes.Read',
    aud: entra.clientIdOf('notes'),
    azp: entra.clientIdOf('editor'),
  });

  const second = await connect();
  await second.connected;
  const answer = { content: [{ type: 'text', text: `of ${entra.objectIdOf('ada')}` }] };
  expect(await second.client.callTool({ name: 'first' })).toMatchObject(answer);

  // An access token that the server refuses is replaced by means of the refresh token.
  const { access_token: before, ...rest } = editor.kept as OAuthTokens;
  editor.kept = { ...rest, access_token: entra.wrong.expired({ api: 'notes' }).token };
  expect(await second.client.callTool({ name: 'first' })).toMatchObject(answer);
  expect(editor.kept?.access_token).not.toBe(before);
  expect(editor.asked).toHaveLength(1);
  await second.client.close();
});
