import {
  createHash,
  createPrivateKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  randomUUID,
  X509Certificate,
} from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type AppRegistration, type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterEach, describe, expect, it } from 'vitest';
import { type Answer, Client } from './client.js';
import { clientCertificate } from './client-certificate.js';
import { production } from './read-token.js';

const NOW = 1_790_000_000_000;
const SECONDS = NOW / 1000;
const GITHUB = 'https://token.actions.githubusercontent.com';
const MAIN = 'repo:contoso/orders:ref:refs/heads/main';
const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = key.publicKey.export({ type: 'spki', format: 'pem' }).toString();
const jwk = { ...key.publicKey.export({ format: 'jwk' }), kid: 'k1' };
const federated = { issuer: GITHUB, subject: MAIN, jwks: { keys: [jwk] } };

let entra: InProcessEntra | undefined;
afterEach(async () => {
  await entra?.close();
  entra = undefined;
});

function signed(payload: Answer, header: Answer = {}, by: KeyObject = key.privateKey): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT', ...header })}.${part(payload)}`;
  return `${text}.${createSign('sha256').update(text).sign(by, 'base64url')}`;
}

/** A daemon with these credentials. Returns what its token requests are answered. */
async function daemon(registration: AppRegistration, now = () => NOW) {
  const started = await startEntra({
    now,
    apps: { orders: { scopes: ['Orders.Read'] }, job: registration },
  });
  entra = started;
  const client = new Client(started, 'job');
  const ask = async (form: Readonly<Record<string, string>>) => {
    const { status, body } = await client.token({
      grant_type: 'client_credentials',
      scope: `api://${started.clientIdOf('orders')}/.default`,
      ...form,
    });
    return status === 200 ? 200 : (body.error_codes as number[])[0];
  };
  const assert = (payload: Answer = {}, header: Answer = {}, by?: KeyObject) => {
    const id = started.clientIdOf('job');
    const claims = {
      iss: id,
      sub: id,
      aud: `${production}/${started.tenantId}/oauth2/v2.0/token`,
      jti: randomUUID(),
      nbf: SECONDS,
      exp: SECONDS + 600,
      ...payload,
    };
    return ask({ client_assertion: signed(claims, header, by), client_assertion_type: ASSERTION });
  };
  return { ask, assert, entra: started };
}

describe('secrets', () => {
  it('are several, and expire', async () => {
    let now = NOW;
    const { ask } = await daemon(
      {
        secret: 'first',
        secrets: [{ value: 'second', expires: new Date(NOW + 1000).toISOString() }, { value: 'third' }],
      },
      () => now,
    );
    for (const client_secret of ['first', 'second', 'third']) expect(await ask({ client_secret })).toBe(200);
    expect(await ask({ client_secret: 'fourth' })).toBe(7000215);
    expect(await ask({})).toBe(7000218);
    now += 1000;
    expect(await ask({ client_secret: 'second' })).toBe(7000222);
    expect(await ask({ client_secret: 'third' })).toBe(200);
  });

  it('are refused of a public client', async () => {
    const { ask, assert } = await daemon({ platform: 'public' });
    expect(await ask({ client_secret: 'any' })).toBe(700025);
    expect(await assert()).toBe(700025);
  });
});

describe('a certificate', () => {
  const thumbprint = createHash('sha256')
    .update(new X509Certificate(clientCertificate.cert).raw)
    .digest('base64url');

  it.each<[string, Answer, Answer, number]>([
    ['as MSAL signs', {}, {}, 200],
    ['for the authority', { aud: undefined }, {}, 700023],
    ['for another host', { aud: 'https://login.example/x/oauth2/v2.0/token' }, {}, 700023],
    ['for another path', { aud: `${production}/contoso/users` }, {}, 700023],
    ['of another client', { iss: '11111111-2222-4333-8444-555555555555' }, {}, 700027],
    ['for another client', { sub: '11111111-2222-4333-8444-555555555555' }, {}, 700027],
    ['without a jti', { jti: undefined }, {}, 700027],
    ['that has expired', { exp: SECONDS - 300 }, {}, 700024],
    ['a little late', { exp: SECONDS - 299 }, {}, 200],
    ['without an end', { exp: undefined }, {}, 700024],
    ['for ten years', { exp: SECONDS + 10 * 31_536_000 }, {}, 700024],
    ['that is not valid yet', { nbf: SECONDS + 301 }, {}, 700024],
    ['with a thumbprint, and a public key is registered', {}, { 'x5t#S256': thumbprint }, 200],
  ])('makes an assertion %s: %s %s is answered %d', async (_, payload, header, code) => {
    const { assert } = await daemon({ certificate: pem });
    expect(await assert(payload, header)).toBe(code);
  });

  it('of an assertion is the registered one', async () => {
    const { assert } = await daemon({ certificates: [pem] });
    expect(await assert({}, {}, stranger.privateKey)).toBe(700027);
  });

  it('is named by its thumbprint where there are several', async () => {
    const other = stranger.publicKey.export({ type: 'spki', format: 'pem' }).toString();
    const { assert } = await daemon({ certificates: [clientCertificate.cert, other] });
    expect(await assert()).toBe(700027);
    expect(await assert({}, { 'x5t#S256': thumbprint })).toBe(700027);
    expect(await assert({}, { 'x5t#S256': thumbprint }, createPrivateKey(clientCertificate.key))).toBe(200);
  });

  it('that is not registered is refused by its thumbprint', async () => {
    const { assert } = await daemon({ certificate: clientCertificate.cert });
    expect(await assert({}, { 'x5t#S256': 'another' }, createPrivateKey(clientCertificate.key))).toBe(700027);
    expect(await assert({}, { x5t: 'another' }, createPrivateKey(clientCertificate.key))).toBe(700027);
  });

  it('makes an assertion for one request', async () => {
    const { assert } = await daemon({ certificate: pem });
    expect(await assert({ jti: 'once' })).toBe(200);
    expect(await assert({ jti: 'once' })).toBe(700027);
  });

  it('is needed: a declared app without credentials has none to verify with', async () => {
    const { assert } = await daemon({});
    expect(await assert()).toBe(700027);
  });
});

describe('a federated credential', () => {
  const github = { iss: GITHUB, sub: MAIN, aud: 'api://AzureADTokenExchange', jti: undefined };

  it.each<[string, Answer, number]>([
    ['as registered', {}, 200],
    ['with several audiences', { aud: ['other', 'api://AzureADTokenExchange'] }, 200],
    ['from another issuer', { iss: 'https://gitlab.example' }, 700211],
    ['of another branch', { sub: 'repo:contoso/orders:ref:refs/heads/evil' }, 700213],
    ['for another audience', { aud: 'sts.amazonaws.com' }, 700212],
    ['that has expired', { exp: SECONDS - 300 }, 700024],
  ])('takes the token of a workflow %s: %s is answered %d', async (_, changes, code) => {
    const { assert } = await daemon({ federatedCredentials: [federated] });
    expect(await assert({ ...github, ...changes }, { kid: 'k1' })).toBe(code);
  });

  it('does not take a forged one', async () => {
    const { assert } = await daemon({ federatedCredentials: [federated] });
    expect(await assert(github, { kid: 'k1' }, stranger.privateKey)).toBe(700027);
    expect(await assert(github, { kid: 'unknown' })).toBe(700027);
  });

  it('fetches keys from this machine, and from nowhere else', async () => {
    const server = createServer((request, response) => {
      const base = `http://${request.headers.host}`;
      const page = request.url === '/keys' ? { keys: [jwk] } : { issuer: base, jwks_uri: `${base}/keys` };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(page));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      const { assert } = await daemon({
        federatedCredentials: [
          { issuer, subject: 'system:serviceaccount:shop:orders' },
          { issuer: GITHUB, subject: MAIN },
        ],
      });
      expect(await assert({ ...github, iss: issuer, sub: 'system:serviceaccount:shop:orders' })).toBe(200);
      expect(await assert(github)).toBe(700027);
    } finally {
      server.close();
    }
  });

  it('takes a managed identity of this local Entra', async () => {
    const subject = '22222222-3333-4444-8555-666666666666';
    const home = '11111111-2222-4333-8444-555555555555';
    const started = await startEntra({
      tenants: [home],
      managedIdentities: { vm: { objectId: subject } },
      apps: {
        orders: { scopes: ['Orders.Read'] },
        job: { federatedCredentials: [{ issuer: `${production}/${home}/v2.0`, subject }] },
      },
    });
    entra = started;
    const answer = await started.fetch(
      `${production}/metadata/identity/oauth2/token?api-version=2018-02-01&resource=api%3A%2F%2FAzureADTokenExchange&object_id=${subject}`,
      { headers: { metadata: 'true' } },
    );
    const { access_token } = (await answer.json()) as { access_token: string };
    const { status } = await new Client(started, 'job').token({
      grant_type: 'client_credentials',
      scope: `api://${started.clientIdOf('orders')}/.default`,
      client_assertion: access_token,
      client_assertion_type: ASSERTION,
    });
    expect(status).toBe(200);
  });
});

it.each<[string, unknown, string]>([
  ['secrets that are text', { secrets: 'a' }, 'apps.job.secrets is not a list'],
  ['a secret that is text', { secrets: ['a'] }, 'apps.job.secrets[0] is not an object'],
  ['a secret without a value', { secrets: [{}] }, 'apps.job.secrets[0].value is not a text'],
  ['a secret with a hint', { secrets: [{ value: 'a', hint: 'a' }] }, 'apps.job.secrets[0] has no "hint"'],
  [
    'an end that is not a time',
    { secrets: [{ value: 'a', expires: 'soon' }] },
    'secrets[0].expires is "soon"',
  ],
  ['a broken certificate', { certificate: 'PEM' }, 'apps.job.certificate is not a certificate or public key'],
  ['a broken certificate among several', { certificates: [pem, ''] }, 'apps.job.certificates[1] is not'],
  [
    'a federation without a subject',
    { federatedCredentials: [{ issuer: GITHUB }] },
    'federatedCredentials[0].subject',
  ],
  [
    'keys in another form',
    { federatedCredentials: [{ ...federated, jwks: [] }] },
    'federatedCredentials[0].jwks has no keys',
  ],
])('credentials in another form are refused: %s', async (_, job, sentence) => {
  await expect(startEntra({ apps: { job: job as AppRegistration } })).rejects.toThrow(sentence);
});
