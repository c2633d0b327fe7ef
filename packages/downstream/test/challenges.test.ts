import { toHttp } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { parsedBySample } from '../../../test/support/microsoft-sample.js';
import { challengeIn } from '../src/call/challenge.js';
import { errorOf, type Stage, stage } from './stage.js';

const nbf = { access_token: { nbf: { essential: true, value: '1604106651' } } };
const claimsOf = (claims: object) => Buffer.from(JSON.stringify(claims)).toString('base64');
const demanding = (claims: object = nbf) =>
  new Response(null, {
    status: 401,
    headers: {
      'www-authenticate': `Bearer realm="", error="insufficient_claims", claims="${claimsOf(claims)}"`,
    },
  });
const forAda = async (made: Stage, changes?: object) =>
  made.downstream({}, changes).apis.stock.forCaller(await made.accepted('ada'));
const askedFor = (made: Stage) => made.forms.map((form) => JSON.parse(form.get('claims') ?? 'null'));

describe('a claims challenge of the other API', () => {
  it('is answered by one exchange past the cache, and one retry', async () => {
    const made = await stage();
    made.answer = ({ body }) => (made.received.length === 1 ? demanding() : Response.json({ body }));
    const api = await forAda(made);
    expect(await api.json('/items', { method: 'POST', body: 'twice' })).toEqual({ body: 'twice' });
    expect(made.received).toHaveLength(2);
    const cp1 = { xms_cc: { values: ['cp1'] } };
    expect(askedFor(made)).toEqual([
      { access_token: cp1 },
      { access_token: { ...nbf.access_token, ...cp1 } },
    ]);
    await api.json('/items');
    expect(made.forms).toHaveLength(2);
  });

  it('that comes again goes to the caller, byte for byte as Entra documents it', async () => {
    const made = await stage();
    made.answer = () => demanding();
    const error = await errorOf(async () => (await forAda(made)).json('/items'));
    expect([made.received.length, made.forms.length]).toEqual([2, 2]);
    const { status, headers } = toHttp(error);
    expect(status).toBe(401);
    expect(headers['WWW-Authenticate']).toBe(
      `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${claimsOf(nbf)}"`,
    );
    expect(parsedBySample(headers['WWW-Authenticate'] as string)).toBeDefined();
  });

  it('that is another one each time costs one exchange and one retry, too', async () => {
    const made = await stage();
    made.answer = () =>
      demanding({ access_token: { nbf: { essential: true, value: String(made.received.length) } } });
    const error = await errorOf(async () => (await forAda(made)).json('/items'));
    expect(error).toMatchObject({ code: 'downstream_step_up_required' });
    expect([made.received.length, made.forms.length]).toEqual([2, 2]);
  });

  it('that comes again and again is not asked for again within seconds', async () => {
    const made = await stage();
    made.answer = () => demanding();
    const api = await forAda(made);
    for (let times = 0; times < 5; times++) await errorOf(() => api.json('/items'));
    expect(made.forms).toHaveLength(2);
    made.pass(11_000);
    await errorOf(() => api.json('/items'));
    expect(made.forms).toHaveLength(3);
  });

  it('of fifty calls at once costs one exchange', async () => {
    const made = await stage();
    const api = await forAda(made);
    await api.json('/items');
    const old = made.received[0]?.headers.get('authorization');
    made.answer = ({ headers }) =>
      headers.get('authorization') === old ? demanding() : Response.json({ ok: true });
    await Promise.all(Array.from({ length: 50 }, () => api.json('/items')));
    expect(made.forms).toHaveLength(2);
  });

  it('on a call as this API is never told to the caller', async () => {
    const made = await stage();
    made.answer = () => demanding();
    const error = await errorOf(() => made.downstream().apis.stock.asApp().json('/items'));
    expect(error).toMatchObject({ code: 'downstream_misconfigured', status: 500 });
    expect(toHttp(error).headers['WWW-Authenticate']).toBeUndefined();
  });

  it('is handed on where cae is false, and cp1 is not declared then', async () => {
    const made = await stage();
    made.answer = () => demanding();
    expect((await (await forAda(made, { cae: false })).fetch('/items')).status).toBe(401);
    expect(askedFor(made)).toEqual([null]);
  });

  it.each([
    ['without claims', 'Bearer error="insufficient_claims"'],
    ['of another error', `Bearer error="invalid_token", claims="${claimsOf(nbf)}"`],
    ['of another scheme', `DPoP error="insufficient_claims", claims="${claimsOf(nbf)}"`],
    ['whose claims are not base64', 'Bearer error="insufficient_claims", claims="a b%"'],
    [
      'whose claims are not JSON',
      `Bearer error="insufficient_claims", claims="${Buffer.from('x').toString('base64')}"`,
    ],
    ['whose claims are a list', `Bearer error="insufficient_claims", claims="${claimsOf([])}"`],
    [
      'whose claims have no access_token',
      `Bearer error="insufficient_claims", claims="${claimsOf({ id_token: {} })}"`,
    ],
    [
      'whose claims are too long',
      `Bearer error="insufficient_claims", claims="${claimsOf({ access_token: { x: 'y'.repeat(5000) } })}"`,
    ],
    ['that is missing', null],
  ])('%s is not one: the 401 is handed on, and is not our caller’s', async (_, header) => {
    const made = await stage();
    made.answer = () =>
      new Response(null, { status: 401, headers: header === null ? {} : { 'www-authenticate': header } });
    expect((await (await forAda(made)).fetch('/items')).status).toBe(401);
    expect(made.received).toHaveLength(1);
    expect(await errorOf(async () => (await forAda(made)).json('/items'))).toMatchObject({
      code: 'downstream_answer',
      status: 502,
      answeredStatus: 401,
    });
  });

  it.each([
    [
      'after another scheme',
      `Basic realm="x", Bearer error="insufficient_claims", claims="${claimsOf(nbf)}"`,
    ],
    [
      'with spaces and a token for the value',
      `bearer  error = insufficient_claims ,claims="${claimsOf(nbf)}"`,
    ],
    [
      'with an escaped quote before it',
      `Bearer realm="a\\"b", error="insufficient_claims", claims="${claimsOf(nbf)}"`,
    ],
    [
      'in base64url',
      `Bearer error="insufficient_claims", claims="${Buffer.from(JSON.stringify(nbf)).toString('base64url')}"`,
    ],
  ])('is read %s', (_, header) => {
    expect(challengeIn(header)).toBe(JSON.stringify(nbf));
  });
});

describe('a body that can be read once', () => {
  const stream = () => new Blob(['x']).stream();
  it.each([
    ['where the API may demand another token', {}],
    ['where the API may be too busy', { cae: false, retry: {} }],
  ])('is refused before it is sent %s', async (_, changes) => {
    const made = await stage();
    const init = { method: 'POST', body: stream(), duplex: 'half' } as RequestInit;
    const error = await errorOf(async () => (await forAda(made, changes)).fetch('/items', init));
    expect(error).toMatchObject({ code: 'downstream_misconfigured', status: 500 });
    expect([made.received, made.forms]).toEqual([[], []]);
  });

  it('is sent where neither is so', async () => {
    const made = await stage();
    const init = { method: 'POST', body: stream(), duplex: 'half' } as RequestInit;
    await (await forAda(made, { cae: false })).fetch('/items', init);
    expect(made.received[0]?.body).toBe('x');
  });

  it.each([
    ['text', 'x'],
    ['bytes', new Uint8Array([120])],
    ['a buffer', new Uint8Array([120]).buffer],
    ['a Blob', new Blob(['x'])],
    ['a form', new URLSearchParams({ x: '' })],
  ])('is not %s', async (_, body) => {
    const made = await stage();
    made.answer = () => (made.received.length === 1 ? demanding() : Response.json({}));
    await (await forAda(made)).json('/items', { method: 'POST', body });
    expect(made.received.map((one) => one.body[0])).toEqual(['x', 'x']);
  });
});
