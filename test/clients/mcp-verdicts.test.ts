import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import {
  Client as SecondClient,
  StreamableHTTPClientTransport as SecondTransport,
} from '@modelcontextprotocol/client';
import { Client as FirstClient } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as FirstTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { OAuthTokens } from '@modelcontextprotocol/sdk/shared/auth.js';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import {
  CHALLENGE,
  foreignServer,
  type Instead,
  MCP,
  metadata,
  ORIGIN,
} from '../../packages/cli/test/foreign-mcp-server.js';
import { runCommand } from '../../packages/cli/test/run-command.js';

/** What `doctor --mcp` says of the SDK of either generation is what the SDK does, with the local Entra as Entra. */
let entra: InProcessEntra;
beforeAll(async () => {
  const scope = { value: 'Orders.Read' };
  entra = await startEntra({
    apps: {
      orders: { manifest: { identifierUris: [MCP, ORIGIN], api: { oauth2PermissionScopes: [scope] } } },
      editor: { platform: 'public', redirectUris: ['http://localhost/callback'] },
      stock: { applicationIdUri: 'api://stock', scopes: ['Stock.Read'] },
    },
  });
});
afterAll(() => entra.close());

/** A client that is registered at Entra, as far as the sign-in. */
class Registered {
  readonly redirectUrl = 'http://localhost:33418/callback';
  readonly clientMetadata: {
    redirect_uris: string[];
    token_endpoint_auth_method: string;
    grant_types?: string[];
  };
  asked: URL | undefined;
  readonly #id: string;

  constructor(id: string, wants: { readonly grant_types?: string[] }) {
    this.#id = id;
    this.clientMetadata = {
      redirect_uris: [this.redirectUrl],
      token_endpoint_auth_method: 'none',
      ...wants,
    };
  }

  clientInformation() {
    return { client_id: this.#id };
  }
  tokens(): OAuthTokens | undefined {
    return undefined;
  }
  saveTokens() {}
  redirectToAuthorization(url: URL) {
    this.asked = url;
  }
  saveCodeVerifier() {}
  codeVerifier() {
    return '';
  }
}

/** Begins to connect, and gives what Entra answers to the sign-in: a code, or an error; nothing where there was no sign-in. */
const SDKS: Readonly<
  Record<'SDK v1' | 'SDK v2', (provider: Registered, fetch: typeof globalThis.fetch) => Promise<void>>
> = {
  'SDK v1': async (authProvider, fetch) => {
    const transport = new FirstTransport(new URL(MCP), { authProvider, fetch });
    const client = new FirstClient({ name: 'editor', version: '1.0.0' });
    await client.connect(transport as Parameters<typeof client.connect>[0]);
  },
  'SDK v2': async (authProvider, fetch) => {
    const transport = new SecondTransport(new URL(MCP), { authProvider, fetch });
    const client = new SecondClient({ name: 'editor', version: '1.0.0' });
    await client.connect(transport);
  },
};

async function signIn(
  sdk: keyof typeof SDKS,
  fetch: typeof globalThis.fetch,
  {
    at = entra,
    wants = {},
  }: { readonly at?: InProcessEntra; readonly wants?: { grant_types?: string[] } } = {},
): Promise<string | undefined> {
  const provider = new Registered(at.clientIdOf('editor'), wants);
  await expect(SDKS[sdk](provider, fetch)).rejects.toThrow();
  if (provider.asked === undefined) return undefined;
  if (provider.asked.origin !== AS) return 'not at Entra';
  const answer = await at.fetch(provider.asked.href, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) return String(answer.status);
  const { searchParams } = new URL(location);
  return searchParams.has('code')
    ? 'code'
    : (/AADSTS[0-9]+/.exec(String(searchParams.get('error_description')))?.[0] ?? '');
}

const change =
  (members: Readonly<Record<string, unknown>>): Instead =>
  ({ url }) =>
    url?.startsWith('/.well-known/')
      ? { status: 200, body: { ...metadata(entra.tenantId), ...members } }
      : undefined;
const challenged =
  (challenge: string, or: Instead = () => undefined): Instead =>
  (request) =>
    request.url === '/mcp' && request.method === 'POST' && request.headers.origin === undefined
      ? { status: 401, headers: { 'www-authenticate': challenge } }
      : or(request);

const AS = 'https://login.microsoftonline.com';
const UNSCOPED = CHALLENGE.replace(/, scope=.*/, '');

it.each<[string, () => Instead, expected: readonly [v1: string | undefined, v2: string | undefined]]>([
  ['nothing', () => () => undefined, ['code', 'code']],
  ['scopes in the metadata alone', () => challenged(UNSCOPED), ['code', 'code']],
  ['no resource_metadata', () => challenged(`Bearer scope="${MCP}/Orders.Read"`), ['code', 'code']],
  [
    'metadata at the root alone',
    () => challenged('Bearer', ({ url }) => (url?.endsWith('resource/mcp') ? { status: 404 } : undefined)),
    ['code', 'code'],
  ],
  [
    'the origin as resource',
    () =>
      challenged(
        CHALLENGE.replace(`${MCP}/Orders.Read`, `${ORIGIN}/Orders.Read`),
        change({ resource: ORIGIN, scopes_supported: [`${ORIGIN}/Orders.Read`] }),
      ),
    ['code', 'code'],
  ],
  ['an api:// URI as resource', () => change({ resource: 'api://orders' }), [undefined, undefined]],
  ['a slash behind the resource', () => change({ resource: `${MCP}/` }), [undefined, undefined]],
  ['a sibling as resource', () => change({ resource: `${ORIGIN}/other` }), [undefined, undefined]],
  ['no resource', () => change({ resource: undefined }), [undefined, undefined]],
  [
    'short scopes',
    () => challenged(CHALLENGE.replace(`${MCP}/Orders.Read`, 'Orders.Read')),
    ['AADSTS650053', 'AADSTS650053'],
  ],
  [
    'scopes of another API',
    () => challenged(CHALLENGE.replace(`${MCP}/Orders.Read`, 'api://stock/Stock.Read')),
    ['AADSTS9010010', 'AADSTS9010010'],
  ],
  [
    'no scopes at all',
    () => challenged(UNSCOPED, change({ scopes_supported: undefined })),
    ['AADSTS900144', 'AADSTS900144'],
  ],
  [
    'the metadata of all tenants',
    () => change({ authorization_servers: [`${AS}/common/v2.0`] }),
    ['code', undefined],
  ],
  [
    'a tenant by its domain',
    () => change({ authorization_servers: [`${AS}/contoso.onmicrosoft.com/v2.0`] }),
    ['code', undefined],
  ],
  [
    'a challenge that leads nowhere',
    () => challenged(`Bearer resource_metadata="${ORIGIN}/nowhere"`),
    ['not at Entra', 'not at Entra'],
  ],
  [
    'an authorization server without metadata',
    () => change({ authorization_servers: [`${AS}/${entra.tenantId}/v3`] }),
    ['404', '404'],
  ],
  [
    'a slash behind the issuer',
    () => change({ authorization_servers: [`${AS}/${entra.tenantId}/v2.0/`] }),
    ['code', 'code'],
  ],
  [
    'a 403 in place of the 401',
    () =>
      ({ url }) =>
        url === '/mcp' ? { status: 403 } : undefined,
    [undefined, undefined],
  ],
])('the doctor says of a server with %s what the SDKs do', async (_, instead, expected) => {
  const server = await foreignServer(entra, instead());
  onTestFinished(() => server.close());
  await compare(server.fetch, expected);
});

/** Compares what the doctor says of both SDKs with what they do. */
async function compare(
  fetch: typeof globalThis.fetch,
  expected: readonly (string | undefined)[],
): Promise<void> {
  const { stdout } = await runCommand(['doctor', '--mcp', MCP, '--json'], { fetch });
  const { clients } = JSON.parse(stdout) as {
    readonly clients: readonly { readonly client: string; readonly verdict: string }[];
  };
  const said = (name: string) => clients.find(({ client }) => client === name)?.verdict !== 'stopped';
  const done = [await signIn('SDK v1', fetch), await signIn('SDK v2', fetch)];
  expect(done).toEqual(expected);
  expect([said('SDK v1'), said('SDK v2')]).toEqual(done.map((one) => one === 'code'));
}

/** The local Entra, with metadata that says something else. */
const saying =
  (reach: typeof globalThis.fetch, members: Readonly<Record<string, unknown>>): typeof globalThis.fetch =>
  async (input, init) => {
    const answer = await reach(input, init);
    if (!/^https:\/\/login.*\/openid-configuration$/.test(String(input)) || !answer.ok) return answer;
    return Response.json({ ...((await answer.json()) as object), ...members });
  };

it.each<[string, Readonly<Record<string, unknown>>, readonly (string | undefined)[]]>([
  ['S256 is advertised', { code_challenge_methods_supported: ['S256'] }, ['code', 'code']],
  ['plain alone is advertised', { code_challenge_methods_supported: ['plain'] }, [undefined, undefined]],
  ['no method is advertised', { code_challenge_methods_supported: [] }, [undefined, undefined]],
  ['the issuer is another', { issuer: `${AS}/other/v2.0` }, ['code', undefined]],
  ['there is no issuer', { issuer: undefined }, [undefined, undefined]],
])('and where %s at the authorization server', async (_, members, expected) => {
  const server = await foreignServer(entra);
  onTestFinished(() => server.close());
  await compare(saying(server.fetch, members), expected);
});

it('a client of SDK v2 that wants refresh tokens asks for consent, which stops users who may not give it', async () => {
  const strict = await startEntra({
    userConsent: false,
    apps: {
      orders: { applicationIdUri: MCP, scopes: ['Orders.Read'] },
      editor: { platform: 'public', redirectUris: ['http://localhost/callback'] },
    },
  });
  onTestFinished(() => strict.close());
  const server = await foreignServer(strict);
  onTestFinished(() => server.close());
  const wants = { grant_types: ['authorization_code', 'refresh_token'] };
  const asked = (sdk: keyof typeof SDKS) => signIn(sdk, server.fetch, { at: strict, wants });
  expect([await asked('SDK v1'), await asked('SDK v2')]).toEqual(['code', 'AADSTS90094']);
});
