import {
  createPublicKey,
  createSign,
  generateKeyPairSync,
  type KeyObject,
  X509Certificate,
} from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import type { LogEntry } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type ClientCredential,
  certificate,
  clientAssertion,
  createDownstream,
  federatedTokenFile,
  managedIdentity,
  secretFrom,
} from '../src/index.js';
import { selfSigned } from './self-signed.js';
import { errorOf, SECRET, STOCK, type Stage, stage } from './stage.js';

const pair = selfSigned({ days: 365 });

/** Whether a call as this API succeeds with a credential. */
const callWith = (made: Stage, credential: ClientCredential) =>
  made.downstream({ credential }).apis.stock.asApp().json('/');

const withApp = (orders: object) =>
  stage({ apps: { orders: { scopes: ['Orders.Read'], ...orders }, stock: { scopes: ['Stock.Read'] } } });

describe('a certificate', () => {
  it('proves who the API is, by PS256 and the SHA-256 thumbprint', async () => {
    const made = await withApp({ certificates: [pair.cert] });
    await callWith(made, certificate(pair));
    const assertion = made.forms[0]?.get('client_assertion') ?? '';
    const [header, payload] = assertion
      .split('.')
      .slice(0, 2)
      .map((part) => JSON.parse(Buffer.from(part, 'base64url').toString()));
    expect(header).toEqual({ alg: 'PS256', typ: 'JWT', 'x5t#S256': expect.any(String) });
    expect(payload).toMatchObject({
      iss: made.forms[0]?.get('client_id'),
      sub: payload.iss,
      aud: expect.stringContaining('/token'),
    });
    expect(payload.exp - payload.nbf).toBe(600);
    expect(payload.jti).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('is sent along on demand', async () => {
    const made = await withApp({ certificates: [pair.cert] });
    await callWith(made, certificate({ ...pair, sendX5c: true }));
    const [header = ''] = (made.forms[0]?.get('client_assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(header, 'base64url').toString()).x5c).toEqual([
      new X509Certificate(pair.cert).raw.toString('base64'),
    ]);
  });

  it('signs one assertion for several requests, and another one after five minutes', async () => {
    const made = await withApp({ certificates: [pair.cert] });
    const { apis } = made.downstream({ credential: certificate(pair) });
    for (const user of ['ada', 'bob']) await apis.stock.forCaller(await made.accepted(user)).json('/');
    made.pass(301_000);
    await apis.stock.forCaller(await made.accepted('carol')).json('/');
    const used = made.forms.map((form) => form.get('client_assertion'));
    expect([used[0] === used[1], used[1] === used[2]]).toEqual([true, false]);
  });

  it('is the first that is valid, of several', async () => {
    const old = selfSigned({ days: 1 });
    const made = await withApp({ certificates: [pair.cert] });
    made.pass(2 * 86_400_000);
    await callWith(made, certificate(old, pair));
    expect(await errorOf(() => callWith(made, certificate(old)))).toMatchObject({
      code: 'downstream_misconfigured',
      message: expect.stringContaining('expired at'),
    });
  });

  it.each([
    [29, 'degraded'],
    [31, 'up'],
    [-1, 'down'],
  ])('that ends in %i days has the health %s', async (days, status) => {
    const made = await stage();
    made.pass((365 - days) * 86_400_000);
    expect(await made.downstream({ credential: certificate(pair) }).health()).toMatchObject({ status });
  });

  it('of a registration that does not have it is a mistake with its number', async () => {
    const made = await withApp({ certificates: [selfSigned({ days: 9 }).cert] });
    expect(await errorOf(() => callWith(made, certificate(pair)))).toMatchObject({
      code: 'downstream_misconfigured',
      aadsts: 700027,
    });
  });

  it.each<[string, unknown]>([
    ['text', 'cert.pem'],
    ['nothing', undefined],
    ['the path of a certificate', { cert: 'cert.pem', key: pair.key }],
    ['the path of a key', { cert: pair.cert, key: 'key.pem' }],
    [
      'a public key',
      { cert: pair.cert, key: createPublicKey(pair.key).export({ type: 'spki', format: 'pem' }) },
    ],
    ["another pair's key", { cert: pair.cert, key: selfSigned({ days: 1 }).key }],
    ['a key of another kind', { cert: pair.cert, key: generateKeyPairSync('ed25519').privateKey }],
    ['an unknown member', { ...pair, passphrase: 'x' }],
    ['a word for sendX5c', { cert: pair.cert, key: pair.key, sendX5c: 'yes' }],
  ])('is refused at once for %s, without showing it', (_, given) => {
    expect(() => certificate(given as never)).toThrow(
      expect.objectContaining({ code: 'configuration_invalid' }),
    );
    try {
      certificate(given as never);
    } catch (error) {
      expect(inspect(error)).not.toContain('PRIVATE KEY-----\nM');
    }
  });
});

describe('a file with the token of the workload', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'federated-'));
  });
  afterEach(async () => {
    delete process.env.AZURE_FEDERATED_TOKEN_FILE;
    await rm(folder, { recursive: true });
  });
  const ISSUER = 'https://oidc.prod-aks.azure.example/1/';
  const SUBJECT = 'system:serviceaccount:shop:orders';

  it('proves who the API is, and is read again each time', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'aks', use: 'sig' };
    const made = await withApp({
      federatedCredentials: [{ issuer: ISSUER, subject: SUBJECT, jwks: { keys: [jwk] } }],
    });
    const file = join(folder, 'token');
    process.env.AZURE_FEDERATED_TOKEN_FILE = file;
    const { apis } = made.downstream({ credential: federatedTokenFile() });
    for (const user of ['ada', 'bob']) {
      await writeFile(file, `${workloadToken(privateKey, made, user)}\n`);
      await apis.stock.forCaller(await made.accepted(user)).json('/');
    }
    const used = made.forms.map((form) => form.get('client_assertion'));
    expect(used[0]).not.toBe(used[1]);
  });

  function workloadToken(key: KeyObject, made: Stage, jti: string): string {
    const now = Math.floor(made.now() / 1000);
    const payload = {
      iss: ISSUER,
      sub: SUBJECT,
      aud: 'api://AzureADTokenExchange',
      iat: now,
      nbf: now,
      exp: now + 3600,
      jti,
    };
    const text = [{ alg: 'RS256', kid: 'aks' }, payload]
      .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
      .join('.');
    return `${text}.${createSign('sha256').update(text).sign(key, 'base64url')}`;
  }

  it.each([
    ['missing', undefined],
    ['empty', ' \n'],
    ['not a token', 'secret-without-dots'],
  ])('that is %s is a mistake of the platform', async (_, text) => {
    const made = await stage();
    const file = join(folder, 'token');
    if (text !== undefined) await writeFile(file, text);
    const error = await errorOf(() => callWith(made, federatedTokenFile(file)));
    expect(error).toMatchObject({ code: 'downstream_misconfigured', message: expect.stringContaining(file) });
    expect(error.message).not.toContain('secret');
  });

  it('needs a path', () => {
    expect(() => federatedTokenFile()).toThrow('AZURE_FEDERATED_TOKEN_FILE is not set');
    expect(() => federatedTokenFile('')).toThrow('has');
  });
});

describe('a managed identity', () => {
  const PRINCIPAL = '22222222-3333-4444-8555-666666666666';
  const HOME = '11111111-2222-4333-8444-555555555555';
  const onMachine = () =>
    stage({
      tenants: [HOME],
      managedIdentities: { vm: { objectId: PRINCIPAL } },
      apps: {
        orders: {
          scopes: ['Orders.Read'],
          federatedCredentials: [
            { issuer: `https://login.microsoftonline.com/${HOME}/v2.0`, subject: PRINCIPAL },
          ],
        },
        stock: { scopes: ['Stock.Read'] },
      },
    });
  /** As a credential of the Azure SDK asks the platform (Azure Instance Metadata Service). */
  const identity = (made: Stage) => {
    const asked: string[] = [];
    const getToken = async (scope: string) => {
      asked.push(scope);
      const resource = encodeURIComponent(scope.replace('/.default', ''));
      const url = `https://login.microsoftonline.com/metadata/identity/oauth2/token?api-version=2018-02-01&resource=${resource}&object_id=${PRINCIPAL}`;
      const answer = await made.entra.fetch(url, { headers: { metadata: 'true' } });
      const { access_token, expires_on } = (await answer.json()) as Record<string, string>;
      return { token: access_token as string, expiresOnTimestamp: Number(expires_on) * 1000 };
    };
    return { asked, getToken };
  };

  it('proves who the API is, by its federated credential and without any secret', async () => {
    const made = await onMachine();
    const source = identity(made);
    const { apis } = made.downstream({ credential: managedIdentity(source) });
    for (const user of ['ada', 'bob']) await apis.stock.forCaller(await made.accepted(user)).json('/');
    expect(source.asked).toEqual(['api://AzureADTokenExchange/.default']);
    expect(made.received.map(({ auth }) => auth.kind)).toEqual(['user', 'user']);
    expect(made.forms.map((form) => form.has('client_secret'))).toEqual([false, false]);
  });

  it('calls as itself where the API says so, with its tokens kept', async () => {
    const made = await onMachine();
    const source = identity(made);
    const { apis } = made.downstream({ credential: managedIdentity(source) }, { as: 'managed-identity' });
    for (let times = 0; times < 3; times++) await apis.stock.asApp().json('/');
    expect(source.asked).toHaveLength(1);
    expect(made.received[0]?.auth).toMatchObject({ kind: 'app', objectId: PRINCIPAL });
    expect(made.forms).toEqual([]);
  });

  it('of @azure/msal-node is asked for the resource', async () => {
    const made = await stage();
    const asked: object[] = [];
    const acquireToken = async (request: object) => {
      asked.push(request);
      return { accessToken: 'a.b.c', expiresOn: new Date(made.now() + 86_400_000) };
    };
    await errorOf(() => callWith(made, managedIdentity({ acquireToken })));
    expect(asked[0]).toEqual({ resource: 'api://AzureADTokenExchange' });
  });

  it.each([
    ['fails', () => Promise.reject(Object.assign(new Error('secret=abc'), { code: 'ECONNREFUSED' }))],
    ['gives nothing', async () => null],
    ['gives no end', async () => ({ token: 'a.b.c', expiresOnTimestamp: Number.NaN })],
  ])('that %s is a mistake of the set-up, and its message is not repeated', async (_, getToken) => {
    const made = await stage();
    const error = await errorOf(() => callWith(made, managedIdentity({ getToken } as never)));
    expect(error).toMatchObject({ code: 'downstream_misconfigured' });
    expect(error.message).not.toContain('secret=');
  });

  it.each<[unknown]>([['id'], [null], [{ client: 'x' }], [{ clientId: '' }]])(
    'is refused at once for %j',
    (given) => {
      expect(() => managedIdentity(given as never)).toThrow(
        expect.objectContaining({ code: 'configuration_invalid' }),
      );
    },
  );

  it('is needed for an API that is called as one', async () => {
    const made = await stage();
    expect(() => made.downstream({}, { as: 'managed-identity' })).toThrow('credential is none');
  });
});

describe('an assertion of a function', () => {
  const assertion = (made: Stage, seconds: number) =>
    `x.${Buffer.from(JSON.stringify({ exp: made.now() / 1000 + seconds })).toString('base64url')}.y`;

  it('is used until five minutes before its end', async () => {
    const made = await stage();
    let calls = 0;
    made.intercept = () =>
      new Response(JSON.stringify({ error: 'invalid_grant', error_codes: [65001] }), { status: 400 });
    const credential = clientAssertion(() => {
      calls++;
      return assertion(made, 600);
    });
    const { apis } = made.downstream({ credential });
    const call = async (user: string) =>
      errorOf(async () => apis.stock.forCaller(await made.accepted(user)).json('/'));
    await call('ada');
    await call('bob');
    expect(calls).toBe(1);
    made.pass(301_000);
    await call('carol');
    expect(calls).toBe(2);
  });

  it.each([
    ['throws', () => Promise.reject(new Error('secret=abc'))],
    ['gives nothing', () => undefined],
    ['gives text that is not a JWT', () => 'secret=abc'],
  ])('that %s is a mistake, without what it gave', async (_, fn) => {
    const made = await stage();
    const error = await errorOf(() => callWith(made, clientAssertion(fn as () => string)));
    expect(error).toMatchObject({ code: 'downstream_misconfigured' });
    expect(error.message).not.toContain('secret=');
  });

  it('is a function', () => {
    expect(() => clientAssertion('a.b.c' as never)).toThrow('was given text');
  });
});

describe('a secret', () => {
  it('comes from a function, and is warned of once', async () => {
    const made = await stage();
    const entries: LogEntry[] = [];
    const guard = made.guarded({ log: (entry) => void entries.push(entry) });
    const { apis } = made.downstream({ guard, credential: secretFrom(async () => SECRET) });
    for (const user of ['ada', 'bob'])
      await apis.stock.forCaller(await made.accepted(user, {}, guard)).json('/');
    expect(entries).toEqual([expect.objectContaining({ level: 'warn', event: 'downstream' })]);
    expect(JSON.stringify(entries)).not.toContain(SECRET);
  });

  it.each([
    ['throws', () => Promise.reject(new Error(SECRET))],
    ['gives nothing', () => undefined],
    ['gives empty text', () => ''],
  ])('that is missing because the function %s is a mistake', async (_, fn) => {
    const made = await stage();
    const error = await errorOf(() => callWith(made, secretFrom(fn as () => string)));
    expect(error).toMatchObject({ code: 'downstream_misconfigured' });
    expect(error.message).not.toContain(SECRET);
  });

  it('is never text in options, and the error does not show it', () => {
    expect(() => secretFrom(SECRET as never)).toThrow(expect.not.stringContaining(SECRET));
    expect(() =>
      createDownstream({ guard: {}, credential: SECRET as never, apis: { a: { baseUrl: STOCK } } }),
    ).toThrow(expect.objectContaining({ message: expect.not.stringContaining(SECRET) }));
  });
});

it('credentials show nothing of what they hold', () => {
  for (const one of [secretFrom(() => SECRET), certificate(pair), clientAssertion(() => SECRET)]) {
    expect(JSON.stringify(one)).toBe(`{"kind":"${one.kind}"}`);
    expect(inspect(one, { depth: 9, showHidden: false })).not.toContain('PRIVATE');
  }
});
