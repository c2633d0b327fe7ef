import { once } from 'node:events';
import { connect } from 'node:net';
import { createGuard, type DecisionEvent, onEvent, scopes } from '@entra-guard/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HOST, type Place, placeOf } from '../support/front.js';
import { type Front, whyNot } from '../support/front-server.js';
import { type RawAnswer, readAnswer, request, sendRaw } from '../support/raw-client.js';
import { type Received, valuesOf } from '../support/raw-upstream.js';

type Header = readonly [name: string, value: string];

const RAW = 'raw.contoso.example';

describe.each<Front>(['nginx', 'haproxy', 'caddy', 'embedded'])('in front: %s', (front) => {
  const missing = whyNot(front);
  const title = missing === undefined ? 'as it is configured' : `as it is configured (skipped: ${missing})`;
  describe.skipIf(missing !== undefined)(title, () => {
    let place: Place;
    let reader: Header;
    beforeAll(async () => {
      place = await placeOf(front);
      reader = bearer({ scp: 'Orders.Read' });
    }, 60_000);
    afterAll(() => place?.close());
    beforeEach(() => {
      place.upstream.received.length = 0;
    });

    const bearer = (claims: Parameters<Place['entra']['user']>[1]): Header => [
      'Authorization',
      `Bearer ${place.entra.user('ada', claims).token}`,
    ];

    /** Sends a request to the orders application, as its reader, with headers that come last. */
    async function ask(
      line: string,
      headers: readonly Header[] = [],
      { host = HOST, as = reader, body = '' }: { host?: string; as?: Header | null; body?: string } = {},
    ): Promise<RawAnswer & { readonly received: Received | undefined }> {
      const before = place.upstream.received.length;
      const own: Header[] = [['Host', host], ...(as === null ? [] : [as])];
      const answer = await sendRaw(place.port, request(line, [...own, ...headers], body));
      const received = place.upstream.received.slice(before);
      expect(received.length).toBeLessThanOrEqual(1);
      return { ...answer, received: received[0] };
    }

    /** What an application behind reads from what it received. */
    async function callerOf(received: Received) {
      const keys = (await (await fetch(`${place.service.adminUrl}/jwks.json`)).json()) as { keys: never };
      const behind = createGuard({
        assertion: { issuer: place.service.issuer, audience: 'orders', keys: keys.keys },
        log: false,
      });
      return behind.require(
        { rawHeaders: received.headers.flat(), ...headersOf(received) },
        scopes('Orders.Read'),
      );
    }

    it('passes a request on with a signed assertion and without the token', async () => {
      const { status, received } = await ask('GET /orders/42?page=2');
      expect(status).toBe(200);
      expect(received).toMatchObject({ method: 'GET', target: '/orders/42?page=2' });
      expect(valuesOf(received as Received, 'authorization')).toEqual([]);
      const auth = await callerOf(received as Received);
      expect(auth).toMatchObject({ kind: 'user', tenantId: place.entra.tenantId });
    });

    it('lets the client see the challenge, the body and the status of a refusal', async () => {
      const none = await ask('GET /orders/42', [], { as: null });
      expect(none).toMatchObject({ status: 401, received: undefined });
      expect(none.headers.get('www-authenticate')).toMatch(/^Bearer realm=/);
      expect(none.headers.get('cache-control')).toContain('no-store');
      expect(JSON.parse(none.body)).toMatchObject({ code: 'credentials_missing' });
      const lacking = await ask('GET /orders/42', [], { as: bearer({ scp: 'Orders.Write' }) });
      expect(lacking).toMatchObject({ status: 403, received: undefined });
      expect(JSON.parse(lacking.body)).toMatchObject({ code: 'scope_missing', enough: {} });
      const stepUp = await ask('GET /admin/1', [], { as: bearer({ scp: 'Orders.Write' }) });
      expect(stepUp).toMatchObject({ status: 401, received: undefined });
      expect(stepUp.headers.get('www-authenticate')).toMatch(/error="insufficient_claims", claims="/);
    });

    it('answers a HEAD without a body', async () => {
      const { status, body } = await ask('HEAD /orders/42', [], { as: null });
      expect({ status, body }).toEqual({ status: 401, body: '' });
    });

    it('leaves the answer of the application as it is, also a refusal', async () => {
      const { answer } = place.upstream;
      place.upstream.answer = 'HTTP/1.1 403 Forbidden\r\nContent-Length: 4\r\nX-Of: app\r\n\r\nmine';
      const given = await ask('GET /orders/42');
      place.upstream.answer = answer;
      expect(given).toMatchObject({ status: 403, body: 'mine' });
      expect(given.headers.get('x-of')).toBe('app');
    });

    it('makes one audit event of a refusal, named after the rule and not after the URL', async () => {
      const events: DecisionEvent[] = [];
      const stop = onEvent((event) => events.push(event), { types: ['decision'] });
      await ask('GET /orders/42?secret=x', [], { as: null });
      await ask('GET /orders/42');
      await ask('GET /nothing');
      stop();
      expect(events.map(({ outcome, code, handler }) => [outcome, code, handler])).toEqual([
        ['deny', 'credentials_missing', '/orders/**'],
        ['allow', undefined, '/orders/**'],
        ['deny', 'no_requirement', undefined],
      ]);
    });

    // GHSA-xcx5-93pw-jw2w, GHSA-2q7r-29rg-6m5h, GHSA-cxrg-g7r8-w69p, GHSA-5w89-w975-hf9q, GHSA-6jwx-7vp4-9847, CVE-2025-66490,
    // GHSA-pxq7-h93f-9jrg, and the paths of heimdall (CVE-2026-42272 to -42274).
    it.each([
      '/public/../admin/1',
      '/public/%2e%2e/admin/1',
      '/public/..%2fadmin/1',
      '/public/..%5cadmin/1',
      '/public//admin',
      '//admin/1',
      '/public/%2fadmin',
      '/public/%2Fadmin',
      '/public/%252e%252e/admin',
      '/public/..;/admin',
      '/public/a;x=/../../admin',
      '/public/a%00',
      '/public/a%zz',
      '/public/./admin',
      '/public/a.',
      '/public/a%20',
      '/public/a\\..\\admin',
      '/public/a#/../admin',
      '/public/a%23x',
      '/public/a%3fx',
      '/public/a|b',
      '/public/%c0%ae%c0%ae/admin',
    ])('passes nothing on for the path %s', async (path) => {
      const { status, received } = await ask(`GET ${path}`);
      expect(received).toBeUndefined();
      expect([400, 404]).toContain(status);
    });

    it.each([
      ['/%61dmin/1', 403],
      ['/ADMIN/1', 403],
      ['/admin', 403],
      ['/admin/', 403],
      ['/orders/caf%C3%A9', 200],
      ["/orders/Orders('1')", 200],
      ['/orders/a%20b.pdf', 200],
      ['/orders/%7Eada/', 200],
    ])('judges the path %s as what the application reads: %i', async (path, expected) => {
      const { status, received } = await ask(`GET ${path}`);
      expect(status).toBe(expected);
      expect(received?.target).toBe(expected === 200 ? path : undefined);
    });

    // CVE-2026-40575, CVE-2026-3635, CVE-2025-64484, CVE-2026-39858, GHSA-6384-m2mw-rf54
    it.each([
      ['X-Forwarded-Uri', '/public/a'],
      ['X_Forwarded_Uri', '/public/a'],
      ['X-Forwarded-Method', 'GET'],
      ['X-Forwarded-Host', RAW],
      ['X_Forwarded_Host', RAW],
      ['X-Forwarded-Proto', 'https'],
      ['X-Forwarded-Prefix', '/public'],
      ['X-Original-Url', '/public/a'],
      ['X-Rewrite-Url', '/public/a'],
      ['Forwarded', `host=${RAW}`],
    ])('decides by nothing that the client says in %s', async (...header) => {
      const { received } = await ask('GET /admin/1', [header]);
      expect(received).toBeUndefined();
    });

    // CVE-2025-64484, CVE-2026-52845, CVE-2026-30851, GHSA-6384-m2mw-rf54
    it.each([
      'X-Entra-Assertion',
      'x_entra_assertion',
      'X-Entra_Assertion',
      'X-Entra-User',
      'X-Entra-Anything',
      'X-MS-CLIENT-PRINCIPAL',
      'X_MS_CLIENT_PRINCIPAL',
      'X-MS-CLIENT-PRINCIPAL-ID',
      'X-MS-TOKEN-AAD-ACCESS-TOKEN',
      'X-Original-URL',
      'X-Original-Forwarded-For',
      'X-Rewrite-URL',
      'Forwarded',
      'X-Real-IP',
      'X-Forwarded-Uri',
      'X-Forwarded-Prefix',
      'X-Forwarded-User',
      'X_Forwarded_User',
      'X-Forwarded-Email',
      'X-Forwarded-Groups',
      'X-Forwarded-Preferred-Username',
      'X-Forwarded-Access-Token',
      'X-Auth-Request-User',
      'X-Auth-Request-Anything',
      'Remote-User',
      'Remote_Groups',
      'X_Forwarded_Proto',
      'X-Forwarded-Port',
      'X-Forwarded-For',
    ])('never passes %s on as the client wrote it', async (name) => {
      for (const host of [HOST, RAW]) {
        const { status, received } = await ask('GET /public/a', [[name, 'forged']], { host });
        if (received === undefined) expect(status).toBe(400);
        else expect(received.headers.filter(([, value]) => value.includes('forged'))).toEqual([]);
      }
      // It is the header that is refused, where it is, and not the request.
      expect((await ask('GET /public/a', [['X-Other', 'kept']])).received?.headers.flat()).toContain('kept');
    });

    // CVE-2025-48865
    it.each(['X-Entra-Assertion', 'close, X-Entra-Assertion', 'x-entra-assertion, Keep-Alive'])(
      'keeps the assertion from a client that names it in Connection: %s',
      async (list) => {
        const { status, received } = await ask('GET /orders/42', [['Connection', list]]);
        expect(status).toBe(200);
        expect(valuesOf(received as Received, 'x-entra-assertion')).toHaveLength(1);
        expect(valuesOf(received as Received, 'connection').join()).not.toMatch(/entra/i);
        expect(await callerOf(received as Received)).toMatchObject({ kind: 'user' });
      },
    );

    it.each(['Content-Length', 'Transfer-Encoding', 'Host', 'Authorization', 'Cookie, Content-Length'])(
      'lets no request through inside of another by Connection: %s',
      async (list) => {
        const inner = `GET /admin/9 HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`;
        const chunked = `${inner.length.toString(16)}\r\n${inner}\r\n0\r\n\r\n`;
        const plain = await ask(
          'POST /public/a',
          [
            ['Connection', list],
            ['Content-Length', String(inner.length)],
          ],
          { body: inner },
        );
        const inChunks = await ask(
          'POST /public/a',
          [
            ['Connection', list],
            ['Transfer-Encoding', 'chunked'],
          ],
          { body: chunked },
        );
        for (const { received } of [plain, inChunks]) {
          if (received !== undefined) expect(received.body).toContain('/admin/9');
        }
        const after = await ask('GET /public/after');
        expect(after.received?.target).toBe('/public/after');
      },
    );

    it('passes nothing on that Connection names', async () => {
      const { received } = await ask('GET /orders/42', [
        ['Connection', 'X-Hop'],
        ['X-Hop', 'forged'],
      ]);
      expect(received === undefined ? [] : valuesOf(received, 'x-hop')).toEqual([]);
    });

    it.each(['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override'])(
      'refuses the method override %s',
      async (name) => {
        expect(await ask('GET /orders/42', [[name, 'DELETE']])).toMatchObject({
          status: 400,
          received: undefined,
        });
      },
    );

    it('refuses a second Authorization header, whichever comes first', async () => {
      const weak = bearer({ scp: 'Orders.Write' });
      for (const [as, second] of [
        [reader, weak],
        [weak, reader],
      ] as const) {
        expect(await ask('GET /orders/42', [second], { as })).toMatchObject({
          status: 400,
          received: undefined,
        });
        expect(await ask('GET /a', [second], { as, host: RAW })).toMatchObject({
          status: 400,
          received: undefined,
        });
      }
    });

    it.each(['TRACE', 'get', 'FOO', 'PROPFIND'])('passes nothing on with the method %s', async (method) => {
      const { status, received } = await ask(`${method} /public/a`);
      expect(received).toBeUndefined();
      expect([400, 405, 501]).toContain(status);
    });

    it('says which methods there are, in place of another', async () => {
      const { status, headers, received } = await ask('DELETE /orders/42');
      expect([status, received]).toEqual([405, undefined]);
      expect(headers.get('allow')).toBe('GET, HEAD, POST');
    });

    // CVE-2026-48794, CVE-2026-55602, and the case of heimdall's hosts
    it.each([
      [`${RAW}.evil.example`, [404]],
      [`evil${RAW}`, [404]],
      [`a.${RAW}`, [404]],
      ['', [400, 404]],
    ])('knows no application at the host %j', async (host, statuses) => {
      const { status, received } = await ask('GET /public/a', [], { host });
      expect(received).toBeUndefined();
      expect(statuses).toContain(status);
    });

    it.each([HOST.toUpperCase(), `${HOST}.`, `${HOST}:8443`])(
      'judges the host %s as what it is',
      async (host) => {
        expect((await ask('GET /admin/1', [], { host })).received).toBeUndefined();
        // A final dot makes a host that Caddy does not know.
        const statuses = front === 'caddy' && host.endsWith('.') ? [404] : [200];
        expect(statuses).toContain((await ask('GET /orders/1', [], { host })).status);
      },
    );

    it('takes no host from the target, and no second Host', async () => {
      const absolute = await ask(`GET http://${RAW}/admin/1`);
      expect(absolute.received).toBeUndefined();
      const other = await ask(`GET http://${HOST}/admin/1`, [], { host: RAW });
      expect(other.received).toBeUndefined();
      const two = await ask('GET /admin/1', [['Host', RAW]]);
      expect(two.received).toBeUndefined();
    });

    // CVE-2026-29057
    it.each<[string, readonly Header[], string]>([
      [
        'a length and chunks',
        [
          ['Content-Length', '4'],
          ['Transfer-Encoding', 'chunked'],
        ],
        '0\r\n\r\nGET /admin/9 HTTP/1.1\r\nHost: a\r\n\r\n',
      ],
      [
        'two lengths',
        [
          ['Content-Length', '0'],
          ['Content-Length', '39'],
        ],
        'GET /admin/9 HTTP/1.1\r\nHost: a\r\n\r\n',
      ],
      [
        'another coding',
        [['Transfer-Encoding', 'xchunked']],
        '0\r\n\r\nGET /admin/9 HTTP/1.1\r\nHost: a\r\n\r\n',
      ],
    ])('lets no request through inside of another: %s', async (_, headers, body) => {
      await sendRaw(place.port, request('DELETE /public/a', [['Host', HOST], ...headers], body));
      await ask('GET /public/after');
      const targets = place.upstream.received.map(({ target }) => target);
      expect(targets.filter((target) => target.startsWith('/admin'))).toEqual([]);
    });

    it('streams a body to the application, and none to the service', async () => {
      const chunked = '5\r\nhello\r\n0\r\n\r\n';
      const { status, received } = await ask('POST /upload', [['Transfer-Encoding', 'chunked']], {
        body: chunked,
      });
      expect(status).toBe(200);
      expect(received?.body).toContain('hello');
      const long = 'x'.repeat(300_000);
      const sent = await ask('POST /upload', [['Content-Length', String(long.length)]], { body: long });
      expect([sent.status, sent.received?.body.length]).toEqual([200, long.length]);
    });

    it('passes a WebSocket through, judged by its request, and no other upgrade', async () => {
      const socket = connect(place.port, '127.0.0.1');
      await once(socket, 'connect');
      const upgrade: readonly Header[] = [
        ['Upgrade', 'websocket'],
        ['Connection', 'Upgrade, X-Entra-Assertion'],
        ['Sec-WebSocket-Key', 'dGhlIHNhbXBsZSBub25jZQ=='],
        ['Sec-WebSocket-Version', '13'],
      ];
      socket.write(request('GET /orders/live', [['Host', HOST], reader, ...upgrade]));
      expect(await readAnswer(socket)).toMatchObject({ status: 101 });
      const echoed = once(socket, 'data');
      socket.write('frame');
      expect(String((await echoed)[0])).toBe('echo:frame');
      socket.destroy();
      const [received] = place.upstream.received;
      expect(valuesOf(received as Received, 'x-entra-assertion')).toHaveLength(1);
      expect(await ask('GET /orders/live', upgrade, { as: null })).toMatchObject({
        status: 401,
        received: undefined,
      });
      const other = await ask('GET /orders/live', [
        ['Upgrade', 'h2c'],
        ['Connection', 'Upgrade, HTTP2-Settings'],
        ['HTTP2-Settings', 'AAMAAABkAAQAAP__'],
      ]);
      expect(other.status).not.toBe(101);
      if (other.received) expect(valuesOf(other.received, 'upgrade')).toEqual([]);
    });

    it('takes the cookie of the proxy out of Cookie, and leaves others', async () => {
      const cookies = async (value: string) => {
        const { received } = await ask('GET /orders/42', [['Cookie', value]]);
        return valuesOf(received as Received, 'cookie').join('; ');
      };
      expect(await cookies('a=1; __Host-entra=secret; b=2')).toBe('a=1; b=2');
      expect(await cookies('__Host-entra=secret')).toBe('');
      expect(await cookies('a=1; b=2')).toBe('a=1; b=2');
    });

    it('answers preflights itself, as the policy says, and lets no OPTIONS pass for them', async () => {
      const asking = (origin: string): readonly Header[] => [
        ['Origin', origin],
        ['Access-Control-Request-Method', 'GET'],
        ['Access-Control-Request-Headers', 'authorization'],
      ];
      const ours = await ask('OPTIONS /orders/42', asking('https://portal.contoso.example'), { as: null });
      expect(ours).toMatchObject({ status: 204, received: undefined });
      expect(ours.headers.get('access-control-allow-origin')).toBe('https://portal.contoso.example');
      expect(ours.headers.get('access-control-allow-headers')).toBe('authorization');
      expect(ours.headers.get('access-control-max-age')).toBe('600');
      const theirs = await ask('OPTIONS /orders/42', asking('https://evil.example'), { as: null });
      expect(theirs).toMatchObject({ status: 405, received: undefined });
      expect(theirs.headers.get('access-control-allow-origin')).toBeUndefined();
    });

    it('tells an open route of its rule, and an application without identity nothing', async () => {
      const open = await ask('GET /health', [], { as: null });
      const [assertion = ''] = valuesOf(open.received as Received, 'x-entra-assertion');
      const claims = JSON.parse(Buffer.from(assertion.split('.')[1] as string, 'base64url').toString());
      expect(claims).toMatchObject({ kind: 'anonymous', rule: '/health', aud: 'orders' });
      const none = await ask('GET /a', [['X-Entra-Assertion', 'forged']], { host: RAW });
      expect(valuesOf(none.received as Received, 'x-entra-assertion')).toEqual([]);
      expect(valuesOf(none.received as Received, 'authorization')).toHaveLength(1);
    });

    it('shows none of the paths that the service has', async () => {
      for (const path of ['/_entra_check', '/check', '/refusal', '/@entra_refused']) {
        expect((await ask(`GET ${path}`)).received).toBeUndefined();
      }
    });

    it('tells the service and the application where the request came from', async () => {
      const { received } = await ask('GET /orders/42', [['X-Forwarded-For', '6.6.6.6']]);
      expect(valuesOf(received as Received, 'x-forwarded-for')).toEqual(['127.0.0.1']);
      expect(valuesOf(received as Received, 'x-forwarded-host')).toEqual([HOST]);
      expect(valuesOf(received as Received, 'x-forwarded-proto')).toEqual(['http']);
      expect(valuesOf(received as Received, 'x-forwarded-port')).toEqual([String(place.port)]);
    });
  });
});

/** As Node gives them. */
function headersOf({ headers }: Received): { readonly headers: Readonly<Record<string, string>> } {
  return { headers: Object.fromEntries(headers.map(([name, value]) => [name.toLowerCase(), value])) };
}
