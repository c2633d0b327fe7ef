import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createGuard, type DecisionEvent, onEvent, scopes } from '@entra-guard/core';
import { createDecisionService, type DecisionServiceOptions } from '@entra-guard/proxy';
import { readPolicy } from '@entra-guard/proxy/policy';
import { startEntra } from '@entra-guard/testing';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { policyText } from '../support/policy-text.js';
import { forwarded, type Header, type Serving, serving } from '../support/service.js';

const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';
const policyWith = (change: (text: string) => string = (text) => text) =>
  readPolicy(change(policyText('http://localhost:1/tenant', CLIENT, 1)), { env: {} });

let place: Serving;
afterEach(() => place?.close());
const reader = (): Header => [
  'Authorization',
  `Bearer ${place.entra.user('ada', { scp: 'Orders.Read' }).token}`,
];
const admin = async (path: string) => {
  const answer = await fetch(`${place.service.adminUrl}${path}`);
  return { status: answer.status, text: await answer.text(), headers: answer.headers };
};

describe('who may ask', () => {
  it.each(['0.0.0.0:0', '[::]:0', '10.0.0.1:4180', 'gate.contoso.example:4180'])(
    'is asked of the operator where more than this machine reaches %s',
    (listen) => {
      expect(() => createDecisionService({ policy: policyWith(), dialect: 'nginx', listen })).toThrow(
        /trust is not given/,
      );
    },
  );

  it.each(['127.0.0.1:0', '127.1.2.3:0', '[::1]:0', 'localhost:0'])('is this machine at %s', (listen) => {
    expect(() => createDecisionService({ policy: policyWith(), dialect: 'nginx', listen })).not.toThrow();
  });

  it('is decided by address, and a refused peer learns nothing', async () => {
    place = await serving({ trust: { addresses: ['10.0.0.7', '2001:db8::/32'] } });
    const answer = await place.send('GET /check', [...forwarded(), reader()]);
    expect([answer.status, answer.body, answer.headers.has('x-entra-assertion')]).toEqual([403, '', false]);
    await place.close();
    place = await serving({ trust: { addresses: ['127.0.0.0/8'] } });
    expect((await place.send('GET /check', [...forwarded(), reader()])).status).toBe(200);
  });

  it('is decided by a secret that stands there exactly once', async () => {
    const value = 'a-secret-of-more-than-32-characters';
    place = await serving({ trust: { secret: { header: 'X-Service-Secret', value } } });
    const ask = async (...headers: Header[]) =>
      (await place.send('GET /check', [...forwarded(), reader(), ...headers])).status;
    expect(await ask(['X-Service-Secret', value])).toBe(200);
    expect(await ask()).toBe(403);
    expect(await ask(['X-Service-Secret', `${value}x`])).toBe(403);
    expect(await ask(['X-Service-Secret', value], ['X_Service_Secret', value])).toBe(403);
  });

  it.each<[unknown, RegExp]>([
    [{}, /neither addresses nor a secret/],
    [{ addresses: [] }, /not a list/],
    [{ addresses: ['0.0.0.0/0'] }, /not an IP address or a network/],
    [{ addresses: ['10.0.0.0/33'] }, /not an IP address or a network/],
    [{ addresses: ['gate'] }, /not an IP address or a network/],
    [{ adresses: ['10.0.0.1'] }, /Did you mean 'addresses'/],
    [{ secret: { header: 'X Y', value: 'x'.repeat(32) } }, /not the name of a header/],
    [{ secret: { header: 'X-Y', value: 'short-secret' } }, /at least 32 visible ASCII/],
  ])('is not read from %j', (trust, words) => {
    const make = () =>
      createDecisionService({ policy: policyWith(), dialect: 'nginx', trust: trust as never });
    expect(make).toThrow(words);
    expect(make).not.toThrow(/short-secret/);
  });
});

describe('the options of a decision service', () => {
  it.each<[Partial<DecisionServiceOptions> | Record<string, unknown>, RegExp]>([
    [{ policy: {} }, /policy of createDecisionService\(\.\.\.\) is not a policy/],
    [{ dialect: 'apache' }, /dialect of createDecisionService\(\.\.\.\) is 'apache'/],
    [{ dialekt: 'nginx' }, /Did you mean 'dialect'/],
    [{ listen: 'there' }, /listen is not an address/],
    [{ listen: '127.0.0.1:65536' }, /listen is not an address/],
    [{ admin: 'there' }, /admin is not an address/],
    [{ timeout: '0s' }, /timeout/],
    [{ timeout: '2m' }, /too long/],
    [{ guard: {} }, /not a guard/],
    [{ assertion: { isuer: 'x' } }, /Did you mean 'issuer'/],
  ])('are refused: %j', (options, words) => {
    expect(() =>
      createDecisionService({ policy: policyWith(), dialect: 'nginx', ...options } as never),
    ).toThrow(words);
  });

  it('refuse a guard that reads assertions, and a socket without an issuer', () => {
    const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const assertion = {
      issuer: 'https://gate.contoso.example',
      audience: 'orders',
      keys: [publicKey.export({ format: 'jwk' })],
    };
    const guard = createGuard({ assertion, log: false });
    expect(() => createDecisionService({ policy: policyWith(), dialect: 'nginx', guard })).toThrow(
      /reads assertions/,
    );
    const policy = policyWith((text) => text.replace(/assertion: .*\n/, ''));
    expect(() => createDecisionService({ policy, dialect: 'nginx', listen: 'unix:/tmp/x.sock' })).toThrow(
      /assertion\.issuer is not given/,
    );
  });

  it('need an audience where no host makes an origin', () => {
    const policy = policyWith((text) =>
      text
        .replace('host: orders.contoso.example', "host: '*.contoso.example'")
        .replace(/ {4}audience.*\n/, ''),
    );
    expect(() => createDecisionService({ policy, dialect: 'nginx' })).toThrow(/apps\.orders has no audience/);
  });
});

describe('what is told of a decision', () => {
  it('is one audit event, of the question and not of the refusal', async () => {
    place = await serving();
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    await place.send('GET /check', forwarded());
    await place.send('GET /refusal', forwarded());
    await place.send('GET /check', forwarded({ 'X-Forwarded-Uri': '/orders/../42' }));
    await place.send('GET /refusal', forwarded({ 'X-Forwarded-Uri': '/orders/../42' }));
    expect(events.map(({ code, handler }) => [code, handler])).toEqual([
      ['credentials_missing', '/orders/**'],
      ['path_not_canonical', undefined],
    ]);
    expect(JSON.stringify(events)).not.toContain('orders/42');
  });

  it('is counted by rule and code, without anything that a client chose', async () => {
    place = await serving();
    await place.send('GET /check', [...forwarded(), reader()]);
    await place.send('GET /check', forwarded());
    await place.send('GET /check', forwarded({ 'X-Forwarded-Host': 'evil.example' }));
    const { text } = await admin('/metrics');
    expect(text).toContain(
      'entra_guard_decisions_total{app="orders",rule="/orders/**",outcome="allow",code=""} 1',
    );
    expect(text).toContain('app="orders",rule="/orders/**",outcome="deny",code="credentials_missing"} 1');
    expect(text).toContain('app="",rule="",outcome="deny",code="host_not_known"} 1');
    expect(text).toMatch(/entra_guard_keys_age_seconds [0-9.]+/);
    expect(text).toContain('entra_guard_decision_seconds_count 3');
    expect(text).not.toMatch(/evil|42/);
  });
});

describe('the admin listener', () => {
  it('shows keys, health and readiness, and nothing else', async () => {
    place = await serving();
    const keys = await admin('/jwks.json');
    expect([keys.status, keys.headers.get('cache-control')]).toEqual([200, 'public, max-age=300']);
    expect(JSON.parse(keys.text).keys).toHaveLength(1);
    expect(keys.text).not.toContain('"d"');
    expect(JSON.parse((await admin('/healthz')).text)).toEqual({
      status: 'up',
      policy: { digest: place.policy.digest },
    });
    expect(await admin('/readyz')).toMatchObject({ status: 200 });
    expect(await admin('/check')).toMatchObject({ status: 404 });
    expect((await fetch(`${place.service.adminUrl}/healthz`, { method: 'POST' })).status).toBe(405);
    expect((await place.send('GET /metrics', [])).status).toBe(404);
  });

  it('is not ready while the authority is away', async () => {
    place = await serving();
    place.entra.fail('metadata', 503);
    expect(await admin('/readyz')).toMatchObject({ status: 503 });
    expect((await admin('/healthz')).status).toBe(200);
  });

  it('is on this machine only, where it is not named and the service is not', async () => {
    place = await serving({ listen: '0.0.0.0:0', trust: { addresses: ['127.0.0.1'] } });
    expect(new URL(place.service.adminUrl ?? '').hostname).toBe('127.0.0.1');
  });

  it('is left out on request, and next to a Unix socket', async () => {
    place = await serving({ admin: false });
    expect(place.service.adminUrl).toBeUndefined();
  });
});

describe('the assertion', () => {
  it('is what a guard behind accepts, for that application only', async () => {
    place = await serving();
    const answer = await place.send('GET /check', [...forwarded(), reader()]);
    const assertion = answer.headers.get('x-entra-assertion') ?? '';
    const behind = (audience: string) =>
      createGuard({
        assertion: { issuer: place.service.issuer, audience, jwksUri: `${place.service.adminUrl}/jwks.json` },
        log: false,
      });
    const request = { headers: { 'x-entra-assertion': assertion } };
    const auth = await behind('orders').require(request, scopes('Orders.Read'));
    const front = await place.guard.authenticate({ headers: { authorization: reader()[1] } });
    expect(auth.subjectKey).toBe(front.subjectKey);
    await expect(behind('payments').require(request, scopes('Orders.Read'))).rejects.toMatchObject({
      code: 'audience_not_accepted',
    });
  });

  it('publishes each key of the ring, and signs with the first', async () => {
    const made = () =>
      generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type: 'pkcs8', format: 'pem' });
    const keys = [String(made()), String(made())];
    place = await serving({ assertion: { keys, issuer: 'https://other.contoso.example' } });
    const published = JSON.parse((await admin('/jwks.json')).text).keys as { kid: string }[];
    expect(published).toHaveLength(2);
    const answer = await place.send('GET /check', [...forwarded(), reader()]);
    const [head = '', body = ''] = (answer.headers.get('x-entra-assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(head, 'base64url').toString())).toMatchObject({ kid: published[0]?.kid });
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toMatchObject({
      iss: 'https://other.contoso.example',
      aud: 'orders',
      rule: '/orders/**',
    });
  });

  it('is for the origin of the first host, where the policy names no audience, whatever Host says', async () => {
    const policy = policyWith((text) =>
      text
        .replace(/ {4}audience.*\n/, '')
        .replace('orders.contoso.example', '[orders.contoso.example, b.example]'),
    );
    place = await serving({ policy });
    const question = forwarded({ 'X-Forwarded-Uri': '/health', 'X-Forwarded-Host': 'B.example:8443' });
    const answer = await place.send('GET /check', question);
    const [, body = ''] = (answer.headers.get('x-entra-assertion') ?? '').split('.');
    expect(JSON.parse(Buffer.from(body, 'base64url').toString())).toMatchObject({
      aud: 'https://orders.contoso.example',
      kind: 'anonymous',
    });
  });

  it('has the origin of the service as its issuer, where none is named', async () => {
    const policy = policyWith((text) => text.replace(/assertion: .*\n/, ''));
    place = await serving({ policy });
    expect(place.service.issuer).toBe(place.service.url);
  });
});

describe('what takes too long, or fails', () => {
  it('is a 503 in time, and nothing hangs', async () => {
    place = await serving({ dialect: 'caddy', timeout: 0.3 });
    const restore = place.entra.fail('keys', 'hang');
    const answer = await place.send('GET /check', [...forwarded(), reader()]);
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    restore();
    await vi.waitFor(
      async () => expect((await place.send('GET /check', [...forwarded(), reader()])).status).toBe(200),
      { timeout: 15_000, interval: 100 },
    );
  }, 20_000);

  it('is a 500 for an error that is none of ours, and never an open door', async () => {
    const log = vi.fn();
    place = await serving({ dialect: 'caddy', log });
    vi.spyOn(place.guard, 'decide').mockImplementation(() => {
      throw new Error('broken');
    });
    const answer = await place.send('GET /check', [...forwarded(), reader()]);
    expect([answer.status, answer.body]).toEqual([500, expect.not.stringContaining('broken')]);
    vi.spyOn(place.guard, 'decide').mockImplementation(() => undefined);
    expect((await place.send('GET /check', [...forwarded(), reader()])).status).toBe(500);
    vi.spyOn(place.guard, 'toHttp').mockImplementation(() => {
      throw new Error('broken');
    });
    expect((await place.send('GET /check', [...forwarded(), reader()])).status).toBe(500);
  });
});

describe('another policy', () => {
  it('decides from then on, and a bad one leaves the earlier one in place', async () => {
    place = await serving();
    const open = forwarded({ 'X-Forwarded-Uri': '/later' });
    expect((await place.send('GET /check', open)).status).toBe(403);
    place.service.use(policyWith((text) => text.replace('/health', '/later')));
    expect((await place.send('GET /check', open)).status).toBe(200);
    const bad = policyWith((text) =>
      text.replace('host: orders.contoso.example', "host: '*.example'").replace(/ {4}audience.*\n/, ''),
    );
    expect(() => place.service.use(bad)).toThrow(/has no audience/);
    expect((await place.send('GET /check', open)).status).toBe(200);
    expect(JSON.parse((await admin('/healthz')).text)).toMatchObject({ status: 'degraded' });
  });
});

describe('a listener', () => {
  it('answers on a Unix socket, and takes the place of one that a dead process left', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'entra-guard-socket-'));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, 'gate.sock');
    place = await serving({ listen: `unix:${path}` });
    expect(place.service.url).toBe(`unix:${path}`);
    expect((await place.send('GET /check', [...forwarded(), reader()])).status).toBe(200);
    await expect(serving({ listen: `unix:${path}` })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await place.close();
    expect(existsSync(path)).toBe(false);
    writeFileSync(path, 'a file');
    await expect(serving({ listen: `unix:${path}` })).rejects.toMatchObject({ code: 'EADDRINUSE' });
  });

  it('listens once, and ends twice without harm', async () => {
    const service = createDecisionService({ policy: policyWith(), dialect: 'nginx', listen: '127.0.0.1:0' });
    const running = await service.listen();
    await expect(service.listen()).rejects.toThrow(/listens already/);
    await running.close();
    await running[Symbol.asyncDispose]();
    await expect(fetch(`${running.url}/check`)).rejects.toThrow();
  });

  it('makes a guard of the policy, with its authorities', async () => {
    const entra = await startEntra({ port: 0 });
    onTestFinished(() => entra.close());
    const { authority, clientId } = entra.options();
    const policy = readPolicy(policyText(authority, clientId, 1), { env: {} });
    place = await serving({ policy, guard: undefined as never });
    const token: Header = ['Authorization', `Bearer ${entra.user('ada', { scp: 'Orders.Read' }).token}`];
    expect((await place.send('GET /check', [...forwarded(), token])).status).toBe(200);
  });
});
