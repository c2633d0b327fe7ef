import { createSign, generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Answer } from './client.js';
import { production } from './read-token.js';

const ASSERTION = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const FORM = 'application/x-www-form-urlencoded';
const key = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 });

let entra: InProcessEntra;
let endpoint: string;
beforeAll(async () => {
  entra = await startEntra({
    apps: {
      orders: { scopes: ['Orders.Read'], appRoles: { All: ['Application'] } },
      job: { secret: 'pass word+%' },
      certified: { certificate: key.publicKey.export({ type: 'spki', format: 'pem' }).toString() },
    },
  });
  endpoint = `${production}/${entra.tenantId}/oauth2/v2.0/token`;
});
afterAll(() => entra.close());

const alone = () => ({
  grant_type: 'client_credentials',
  scope: `api://${entra.clientIdOf('orders')}/.default`,
});
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString('base64')}`,
});

/** Returns the status, or the AADSTS code of a refusal. */
async function outcome(
  body: URLSearchParams | string,
  headers: Readonly<Record<string, string>> = {},
): Promise<number> {
  const answer = await entra.fetch(endpoint, { method: 'POST', body, headers });
  const { error_codes: codes } = (await answer.json()) as { readonly error_codes?: readonly number[] };
  return codes?.[0] ?? answer.status;
}
const form = (more: Readonly<Record<string, string>>) => new URLSearchParams({ ...alone(), ...more });

describe('a client that authenticates', () => {
  it.each<[string, () => Promise<number>, number]>([
    [
      'in the body',
      () => outcome(form({ client_id: entra.clientIdOf('job'), client_secret: 'pass word+%' })),
      200,
    ],
    [
      'by Basic, percent-encoded',
      () => outcome(form({}), basic(entra.clientIdOf('job'), 'pass word+%')),
      200,
    ],
    [
      'by Basic, and repeats its client ID in the body',
      () =>
        outcome(form({ client_id: entra.clientIdOf('job') }), basic(entra.clientIdOf('job'), 'pass word+%')),
      200,
    ],
    [
      'by Basic, with another secret',
      () => outcome(form({}), basic(entra.clientIdOf('job'), 'other')),
      7_000_215,
    ],
    [
      'by Basic, with the client ID of another app in the body',
      () =>
        outcome(
          form({ client_id: entra.clientIdOf('orders') }),
          basic(entra.clientIdOf('job'), 'pass word+%'),
        ),
      90_023,
    ],
    [
      'in both places',
      () =>
        outcome(
          form({ client_id: entra.clientIdOf('job'), client_secret: 'pass word+%' }),
          basic(entra.clientIdOf('job'), 'pass word+%'),
        ),
      90_023,
    ],
    [
      'with a secret and an assertion',
      () =>
        outcome(
          form({
            client_id: entra.clientIdOf('certified'),
            client_secret: 'any',
            client_assertion: assertion(),
            client_assertion_type: ASSERTION,
          }),
        ),
      90_023,
    ],
    [
      'with an empty secret',
      () => outcome(form({ client_id: entra.clientIdOf('job'), client_secret: '' })),
      7_000_218,
    ],
    [
      'with an assertion of another type',
      () =>
        outcome(
          form({
            client_id: entra.clientIdOf('certified'),
            client_assertion: assertion(),
            client_assertion_type: 'saml',
          }),
        ),
      900_144,
    ],
    [
      'with two client IDs',
      async () =>
        outcome(`${form({ client_id: 'a', client_secret: 'b' })}&client_id=c`, { 'content-type': FORM }),
      9_000_411,
    ],
    [
      'with two scopes parameters',
      async () => outcome(`${form({ client_id: 'a' })}&scope=openid`, { 'content-type': FORM }),
      9_000_411,
    ],
  ])('%s', async (_, ask, expected) => {
    expect(await ask()).toBe(expected);
  });
});

function assertion(payload: Answer = {}, header: Answer = {}, by: KeyObject = key.privateKey): string {
  const id = entra.clientIdOf('certified');
  const seconds = Math.floor(entra.now() / 1000);
  const claims = { iss: id, sub: id, aud: endpoint, jti: randomUUID(), nbf: seconds, exp: seconds + 600 };
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', ...header })}.${part({ ...claims, ...payload })}`;
  return `${text}.${createSign('sha256').update(text).sign(by, 'base64url')}`;
}

describe('a client assertion', () => {
  it.each<[string, () => string, number]>([
    ['as it should be', () => assertion(), 200],
    ['signed by another key', () => assertion({}, {}, stranger.privateKey), 700_027],
    [
      'that is not signed',
      () => `${assertion({}, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`,
      700_027,
    ],
    ['that says it is not signed', () => assertion({}, { alg: 'none' }), 700_027],
    ['with a shared secret', () => assertion({}, { alg: 'HS256' }), 700_027],
    ['with an algorithm that Entra does not take', () => assertion({}, { alg: 'RS512' }), 700_027],
    ['whose payload was changed', () => changed(assertion()), 700_027],
    ['for another audience', () => assertion({ aud: 'https://login.example/' }), 700_023],
    ['for several audiences', () => assertion({ aud: [endpoint] }), 700_023],
    ['that has expired', () => assertion({ exp: Math.floor(entra.now() / 1000) - 301 }), 700_024],
    ['of two parts', () => assertion().split('.').slice(0, 2).join('.'), 700_027],
    ['of five parts', () => `${assertion()}.a.b`, 700_027],
    ['that is not a JWT', () => 'opaque', 700_027],
    ['that is empty', () => '', 7_000_218],
    ['that is too long', () => assertion({ filler: 'x'.repeat(20_000) }), 90_023],
  ])('%s', async (_, make, expected) => {
    const id = entra.clientIdOf('certified');
    const body = form({ client_id: id, client_assertion: make(), client_assertion_type: ASSERTION });
    expect(await outcome(body)).toBe(expected);
  });

  it('is for one request', async () => {
    const once = { client_assertion: assertion(), client_assertion_type: ASSERTION };
    const body = form({ client_id: entra.clientIdOf('certified'), ...once });
    expect([await outcome(body), await outcome(body)]).toEqual([200, 700_027]);
  });
});

function changed(token: string): string {
  const [head, , signature] = token.split('.');
  const id = entra.clientIdOf('certified');
  const payload = { iss: id, sub: id, aud: endpoint, jti: 'x', exp: Math.floor(entra.now() / 1000) + 60 };
  return `${head}.${Buffer.from(JSON.stringify(payload)).toString('base64url')}.${signature}`;
}

describe('a body', () => {
  it.each<[string, string | undefined, number]>([
    ['that is a form', `${FORM}; charset=UTF-8`, 200],
    ['that is JSON', 'application/json', 900_144],
    ['that is plain text, as a page of another site can send it', 'text/plain;charset=UTF-8', 900_144],
    ['in parts', 'multipart/form-data; boundary=x', 900_144],
  ])('%s', async (_, type, expected) => {
    const text = form({ client_id: entra.clientIdOf('job'), client_secret: 'pass word+%' }).toString();
    expect(await outcome(text, type === undefined ? {} : { 'content-type': type })).toBe(expected);
  });

  it('says which type it has, and which one it should have', async () => {
    const answer = await entra.fetch(endpoint, {
      method: 'POST',
      body: '{}',
      headers: { 'content-type': 'application/json' },
    });
    const { error_description: sentence } = (await answer.json()) as Answer;
    expect(sentence).toContain(`application/json, and not ${FORM}`);
  });

  it('that is too large is refused, in process and on a port', async () => {
    const body = `a=${'x'.repeat(1024 * 1024)}`;
    const send = async (to: Pick<InProcessEntra, 'fetch'>, url: string) =>
      (await to.fetch(url, { method: 'POST', body, headers: { 'content-type': FORM } })).status;
    expect(await send(entra, endpoint)).toBe(413);
    const onPort = await startEntra({ port: 0 });
    try {
      expect(await send(onPort, `${onPort.origin}/common/oauth2/v2.0/token`)).toBe(413);
      expect((await onPort.fetch(`${onPort.origin}/common/discovery/keys`)).status).toBe(200);
    } finally {
      await onPort.close();
    }
  });
});

describe('the method', () => {
  const keys = `${production}/common/discovery/keys`;

  it('HEAD is answered where GET is public, without a body', async () => {
    const answer = await entra.fetch(keys, { method: 'HEAD' });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(answer.headers.get('content-type')).toContain('application/json');
  });

  it.each([
    ['HEAD', () => endpoint],
    ['GET', () => endpoint],
    ['HEAD', () => `${production}/common/oauth2/v2.0/authorize`],
    ['POST', () => keys],
    ['DELETE', () => keys],
  ])('%s is refused elsewhere', async (method, url) => {
    const answer = await entra.fetch(url(), { method });
    expect(answer.status).toBe(405);
    expect(answer.headers.has('allow')).toBe(true);
  });

  it('OPTIONS is answered to any page for what is public, and else to pages of this machine', async () => {
    const preflight = async (url: string, origin?: string) =>
      (await entra.fetch(url, { method: 'OPTIONS', headers: origin === undefined ? {} : { origin } })).status;
    expect(await preflight(keys, 'https://any.example')).toBe(204);
    expect(await preflight(endpoint, 'http://localhost:5173')).toBe(204);
    expect(await preflight(endpoint, 'https://any.example')).toBe(403);
    expect(await preflight(endpoint)).toBe(403);
  });
});
