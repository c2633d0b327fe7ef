import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalEntra, startEntra } from '../src/index.js';
import { headerOf, isSignedByOneOf, keysOf, namesOf, production } from './read-token.js';

let inProcess: LocalEntra;
let onPort: LocalEntra;
beforeAll(async () => {
  [inProcess, onPort] = await Promise.all([startEntra(), startEntra({ port: 0 })]);
});
afterAll(async () => {
  await Promise.all([inProcess.close(), onPort.close()]);
});

async function metadataOf(entra: LocalEntra, path: string): Promise<Record<string, unknown>> {
  const answer = await entra.fetch(`${entra.origin}/${path}/.well-known/openid-configuration`);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Record<string, unknown>;
}

describe('metadata', () => {
  it('of version 2 has the issuer of the tenant and its own keys', async () => {
    const { tenantId } = inProcess;
    expect(await metadataOf(inProcess, `${tenantId}/v2.0`)).toMatchObject({
      issuer: `${production}/${tenantId}/v2.0`,
      jwks_uri: `${production}/${tenantId}/discovery/v2.0/keys`,
      token_endpoint: `${production}/${tenantId}/oauth2/v2.0/token`,
      authorization_endpoint: `${production}/${tenantId}/oauth2/v2.0/authorize`,
    });
  });

  it('of version 1 has the issuer of sts.windows.net and the keys that all tenants share', async () => {
    const { tenantId } = inProcess;
    expect(await metadataOf(inProcess, tenantId)).toMatchObject({
      issuer: `https://sts.windows.net/${tenantId}/`,
      jwks_uri: `${production}/common/discovery/keys`,
      token_endpoint: `${production}/${tenantId}/oauth2/token`,
    });
  });

  it('of a domain is that of its tenant', async () => {
    const { issuer } = await metadataOf(inProcess, 'contoso.onmicrosoft.com/v2.0');
    expect(issuer).toBe(`${production}/${inProcess.tenantId}/v2.0`);
  });

  it.each(['common', 'organizations'])(
    'of %s has a template for an issuer, braces and all',
    async (alias) => {
      expect((await metadataOf(inProcess, `${alias}/v2.0`)).issuer).toBe(`${production}/{tenantid}/v2.0`);
      expect((await metadataOf(inProcess, alias)).issuer).toBe('https://sts.windows.net/{tenantid}/');
    },
  );

  it('of consumers has the issuer of the one tenant of personal accounts', async () => {
    const { issuer } = await metadataOf(inProcess, 'consumers/v2.0');
    expect(issuer).toBe(`${production}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`);
  });

  it('on a port names the port in both versions', async () => {
    const { origin, tenantId } = onPort;
    expect(await metadataOf(onPort, `${tenantId}/v2.0`)).toMatchObject({
      issuer: `${origin}/${tenantId}/v2.0`,
      jwks_uri: `${origin}/${tenantId}/discovery/v2.0/keys`,
    });
    expect((await metadataOf(onPort, tenantId)).issuer).toBe(`${origin}/${tenantId}/`);
    expect(onPort.user('ada').claims.iss).toBe(`${origin}/${tenantId}/v2.0`);
    expect(onPort.user('ada', { ver: '1.0' }).claims.iss).toBe(`${origin}/${tenantId}/`);
  });

  it('for an app with its own signing keys points at keys for that app', async () => {
    const { clientId } = inProcess.options();
    const url = `${production}/${inProcess.tenantId}/v2.0/.well-known/openid-configuration?appid=${clientId}`;
    const { jwks_uri } = (await (await inProcess.fetch(url)).json()) as { jwks_uri: string };
    expect(jwks_uri).toBe(`${production}/${inProcess.tenantId}/discovery/v2.0/keys?appid=${clientId}`);
    expect((await inProcess.fetch(jwks_uri)).status).toBe(200);
  });

  it('of a tenant that does not exist is refused as Entra refuses it', async () => {
    const strict = await startEntra({ tenants: ['contoso'] });
    const answer = await strict.fetch(
      `${production}/fabrikam.onmicrosoft.com/v2.0/.well-known/openid-configuration`,
    );
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: 'invalid_tenant', error_codes: [90002] });
    await strict.close();
  });

  it('of instances names one host', async () => {
    const url = `${onPort.origin}/common/discovery/instance?api-version=1.1`;
    const { host } = new URL(onPort.origin);
    expect(await (await onPort.fetch(url)).json()).toMatchObject({ metadata: [{ aliases: [host] }] });
  });
});

describe('signing keys', () => {
  it('are RSA, for signatures, marked as local, without an algorithm', async () => {
    const [key] = await keysOf(inProcess.fetch, `${production}/${inProcess.tenantId}/discovery/v2.0/keys`);
    expect(namesOf(key)).toEqual(new Set(['e', 'issuer', 'kid', 'kty', 'n', 'use', 'x5t']));
    expect(key).toMatchObject({
      kty: 'RSA',
      use: 'sig',
      e: 'AQAB',
      kid: expect.stringMatching(/^local-entra-/),
    });
    expect(Buffer.from(key.n, 'base64url')).toHaveLength(256);
  });

  it('of version 2 each name an issuer, those of version 1 none', async () => {
    const v2 = await keysOf(inProcess.fetch, `${production}/common/discovery/v2.0/keys`);
    expect(v2.map(({ issuer }) => issuer)).toEqual([
      `${production}/{tenantid}/v2.0`,
      `${production}/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0`,
    ]);
    const v1 = await keysOf(inProcess.fetch, `${production}/common/discovery/keys`);
    expect(v1.map(({ issuer }) => issuer)).toEqual([undefined]);
  });

  it('for personal accounts have other IDs and sign only the tokens of those accounts', async () => {
    const { token } = inProcess.user('sam', { tenant: 'consumers' });
    const consumers = await keysOf(inProcess.fetch, `${production}/consumers/discovery/v2.0/keys`);
    expect(isSignedByOneOf(consumers, token)).toBe(true);
    expect(isSignedByOneOf(consumers, inProcess.user('ada').token)).toBe(false);
  });

  it('rotate: the new one signs, the earlier one stays published', async () => {
    const entra = await startEntra();
    const url = `${production}/common/discovery/keys`;
    const before = entra.user('ada').token;
    const [first] = entra.keys;
    await entra.rotateKeys();
    expect(entra.keys).toHaveLength(2);
    expect(headerOf(entra.user('ada').token).kid).not.toBe(first);
    expect(isSignedByOneOf(await keysOf(entra.fetch, url), before)).toBe(true);
    expect(isSignedByOneOf(await keysOf(entra.fetch, url), entra.user('ada').token)).toBe(true);
    await entra.rotateKeys({ keep: 0 });
    expect(entra.keys).toHaveLength(1);
    expect(isSignedByOneOf(await keysOf(entra.fetch, url), before)).toBe(false);
    await expect(entra.rotateKeys({ keep: -1 })).rejects.toMatchObject({ code: 'option_invalid' });
    await entra.close();
  });
});

it('every request is on record, and the record can be emptied', async () => {
  const entra = await startEntra({ now: () => 42 });
  await keysOf(entra.fetch, `${production}/common/discovery/keys`);
  await entra.fetch(`${production}/nowhere`);
  expect(entra.requests).toEqual([
    { method: 'GET', url: `${production}/common/discovery/keys`, at: 42, what: 'keys' },
    { method: 'GET', url: `${production}/nowhere`, at: 42, what: 'other' },
  ]);
  entra.requests.length = 0;
  expect(entra.requests).toEqual([]);
  await entra.close();
});
