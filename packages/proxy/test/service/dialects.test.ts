import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { request, sendRaw } from '../support/raw-client.js';
import { forwarded, type Header, type Serving, serving } from '../support/service.js';

const FORWARDED = ['nginx', 'haproxy', 'caddy', 'traefik'] as const;
const FACTS = [
  'X-Forwarded-Method',
  'X-Forwarded-Uri',
  'X-Forwarded-Host',
  'X-Forwarded-Proto',
  'X-Forwarded-For',
] as const;

describe.each(FORWARDED)('the dialect of %s', (dialect) => {
  let place: Serving;
  let reader: Header;
  beforeAll(async () => {
    place = await serving({ dialect });
    reader = ['Authorization', `Bearer ${place.entra.user('ada', { scp: 'Orders.Read' }).token}`];
  });
  afterAll(() => place.close());

  /** nginx gets the real answer by a second question. */
  const refused = async (headers: readonly Header[]) => {
    const answer = await place.send('GET /check', headers);
    if (dialect !== 'nginx') return answer;
    expect([401, 403]).toContain(answer.status);
    return place.send('GET /refusal', headers);
  };

  it('allows, with an assertion, without a body and without a cookie', async () => {
    const answer = await place.send('GET /check', [...forwarded(), reader]);
    expect(answer).toMatchObject({ status: 200, body: '' });
    expect(answer.headers.get('x-entra-assertion')).toMatch(/^eyJ/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.has('set-cookie')).toBe(false);
  });

  it.each(FACTS)('refuses a question without %s', async (name) => {
    const answer = await refused([...forwarded({ [name]: undefined }), reader]);
    expect(answer.status).toBe(400);
    expect(JSON.parse(answer.body)).toMatchObject({ code: 'request_invalid' });
    expect((await refused([...forwarded({ [name]: '' }), reader])).status).toBe(400);
  });

  it.each(FACTS)('refuses a question with %s twice, however it is spelled', async (name) => {
    const [, value = ''] = forwarded().find(([one]) => one === name) as Header;
    expect((await refused([...forwarded(), [name, value], reader])).status).toBe(400);
    expect((await refused([...forwarded(), [name.replaceAll('-', '_'), value], reader])).status).toBe(400);
  });

  it('takes a fact from no other place', async () => {
    for (const [name, other] of [
      ['X-Forwarded-Uri', ['X-Original-URL', '/orders/42']],
      ['X-Forwarded-Method', ['X-Original-Method', 'GET']],
      ['X-Forwarded-Host', ['X-Original-Host', 'orders.contoso.example']],
    ] as const) {
      expect((await refused([...forwarded({ [name]: undefined }), other, reader])).status).toBe(400);
    }
  });

  it.each([
    ['GET', '/'],
    ['GET', '/check?x=1'],
    ['GET', '/check/'],
    ['GET', '//check'],
    ['POST', '/check'],
    ['HEAD', '/check'],
  ])('knows no question %s %s', async (method, path) => {
    expect((await place.send(`${method} ${path}`, [...forwarded(), reader])).status).toBe(404);
  });

  it('reads no caller from headers of identity', async () => {
    for (const name of ['X-Entra-Assertion', 'X-MS-CLIENT-PRINCIPAL']) {
      const allowed = await place.send('GET /check', [...forwarded(), reader]);
      const token = allowed.headers.get('x-entra-assertion') ?? '';
      expect((await refused([...forwarded(), [name, token]])).status).toBe(401);
    }
  });

  it('refuses a method override, and two Authorization headers on an open route too', async () => {
    const open = forwarded({ 'X-Forwarded-Uri': '/health' });
    expect((await refused([...open, ['X-HTTP-Method-Override', 'PUT']])).status).toBe(400);
    expect((await refused([...open, reader, reader])).status).toBe(400);
  });
});

describe('the dialect of nginx', () => {
  let place: Serving;
  beforeAll(async () => {
    place = await serving({ dialect: 'nginx' });
  });
  afterAll(() => place.close());
  const bearer = (scp: string): Header => [
    'Authorization',
    `Bearer ${place.entra.user('ada', { scp }).token}`,
  ];

  it.each([
    ['/orders/42', 401, 401],
    ['/orders/../42', 403, 400],
    ['/nothing', 403, 403],
  ])(
    'answers 200, 401 and 403 only, and the rest on the second question: %s',
    async (path, first, second) => {
      const question = forwarded({ 'X-Forwarded-Uri': path });
      const check = await place.send('GET /check', question);
      expect([check.status, check.body]).toEqual([first, '']);
      expect((await place.send('GET /refusal', question)).status).toBe(second);
    },
  );

  it('answers 503 to a client that would pass by now, and never 2xx', async () => {
    const answer = await place.send('GET /refusal', [...forwarded(), bearer('Orders.Read')]);
    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await place.send('GET /refusal', forwarded({ 'X-Forwarded-Uri': '/health' }))).status).toBe(503);
  });

  it('refuses an identity header that nginx would not remove', async () => {
    const odd: Header = ['X-Entra-Odd', 'forged'];
    expect((await place.send('GET /check', [...forwarded(), bearer('Orders.Read'), odd])).status).toBe(403);
    expect((await place.send('GET /refusal', [...forwarded(), bearer('Orders.Read'), odd])).status).toBe(400);
    const known: Header = ['X-MS-CLIENT-PRINCIPAL', 'forged'];
    expect((await place.send('GET /check', [...forwarded(), bearer('Orders.Read'), known])).status).toBe(200);
  });
});

describe('the dialect of Traefik', () => {
  it('hands the cookie back by its own name, and refuses names that Traefik passes on', async () => {
    const place = await serving({ dialect: 'traefik' });
    const open = forwarded({ 'X-Forwarded-Uri': '/health' });
    const cookie: Header = ['Cookie', 'a=1; __Host-entra=x'];
    const answer = await place.send('GET /check', [...open, cookie, ['X-Forwarded-Port', '443']]);
    expect(answer.headers.get('cookie')).toBe('a=1');
    for (const name of ['X_MS_CLIENT_PRINCIPAL', 'X_Forwarded_Port', 'X-Entra-Odd']) {
      expect((await place.send('GET /check', [...open, [name, 'x']])).status).toBe(400);
    }
    await place.close();
  });
});

describe('the dialect of Envoy over HTTP', () => {
  let place: Serving;
  beforeAll(async () => {
    place = await serving({ dialect: 'envoy-http' });
  });
  afterAll(() => place.close());
  const host: Header = ['Host', 'orders.contoso.example'];
  const send = (line: string, headers: readonly Header[]) =>
    sendRaw(Number(new URL(place.service.url).port), request(line, headers));

  it('judges the request itself, and nothing that X-Forwarded-* says', async () => {
    const reader: Header = [
      'Authorization',
      `Bearer ${place.entra.user('ada', { scp: 'Orders.Read' }).token}`,
    ];
    expect((await send('GET /orders/42', [host, reader])).status).toBe(200);
    expect((await send('DELETE /orders/42', [host, reader])).status).toBe(405);
    expect((await send('GET /orders/42', [host])).status).toBe(401);
    expect((await send('GET /admin/1', [host, reader, ['X-Forwarded-Uri', '/health']])).status).toBe(403);
    expect((await send('GET /check', [host, reader])).status).toBe(403);
    expect((await send('HEAD /orders/42', [host])).body).toBe('');
  });

  it('names what Envoy has to remove', async () => {
    const answer = await send('GET /health', [
      host,
      ['Cookie', '__Host-entra=x'],
      ['X-MS-CLIENT-PRINCIPAL', 'x'],
      ['X-Entra-Assertion', 'x'],
    ]);
    const removed = answer.headers.get('x-envoy-auth-headers-to-remove')?.split(', ');
    expect(removed?.sort()).toEqual(['authorization', 'cookie', 'x-ms-client-principal']);
    const none = await send('GET /a', [
      ['Host', 'raw.contoso.example'],
      ['X-Entra-Assertion', 'x'],
      ['Cookie', 'a=1'],
    ]);
    expect(none.headers.get('x-envoy-auth-headers-to-remove')).toBe('x-entra-assertion');
    expect(none.headers.get('cookie')).toBe('a=1');
  });
});
