import { once } from 'node:events';
import { connect } from 'node:net';
import type { Policy } from '@entra-guard/proxy/policy';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { embeddedPlace, HOST, type Place } from '../support/front.js';
import { readAnswer, sendRaw } from '../support/raw-client.js';
import { RawUpstream, valuesOf } from '../support/raw-upstream.js';

let place: Awaited<ReturnType<typeof embeddedPlace>>;
let judged: string[];

/** Writes down each request that is judged. */
function written(policy: Policy): Policy {
  return {
    ...policy,
    match: (asked) => {
      judged.push(`${asked.method} ${asked.path}`);
      return policy.match(asked);
    },
  };
}

beforeAll(async () => {
  place = await embeddedPlace();
  place.service.use(written(place.policy));
});
afterAll(() => place?.close());
beforeEach(() => {
  judged = [];
  place.upstream.received.length = 0;
});

/** A request that hides inside of another. Were it seen, it would not have been judged. */
const HIDDEN = `GET /admin/9 HTTP/1.1\r\nHost: ${HOST}\r\nX-Entra-Assertion: forged\r\n\r\n`;
const CHUNKED = `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;
const LAST_CHUNK_THEN_HIDDEN = `0\r\n\r\n${HIDDEN}`;

const post = (lines: string, body: string, line = 'POST /public/a HTTP/1.1'): string =>
  `${line}\r\nHost: ${HOST}\r\n${lines}\r\n${body}`;
const length = (text: string): string => `Content-Length: ${text.length}\r\n`;
const TE = 'Transfer-Encoding: chunked\r\n';
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n';

/** Each is what has opened a proxy, or an application behind one, to a request that was not judged. */
const CASES: readonly (readonly [name: string, bytes: string])[] = [
  ['a length and chunks', post(`Content-Length: 4\r\n${TE}`, LAST_CHUNK_THEN_HIDDEN)],
  ['chunks and a length', post(`${TE}Content-Length: 4\r\n`, LAST_CHUNK_THEN_HIDDEN)],
  ['a length of all and chunks', post(`${length(LAST_CHUNK_THEN_HIDDEN)}${TE}`, LAST_CHUNK_THEN_HIDDEN)],
  ['two lengths', post(`Content-Length: 0\r\n${length(HIDDEN)}`, HIDDEN)],
  ['two lengths that agree', post(`${length(HIDDEN)}${length(HIDDEN)}`, HIDDEN)],
  ['a list of lengths', post(`Content-Length: 0, ${HIDDEN.length}\r\n`, HIDDEN)],
  ['a length with a sign', post(`Content-Length: +${HIDDEN.length}\r\n`, HIDDEN)],
  ['a negative length', post('Content-Length: -1\r\n', HIDDEN)],
  ['a hexadecimal length', post('Content-Length: 0x0\r\n', HIDDEN)],
  ['a length with a space in it', post('Content-Length: 0 0\r\n', HIDDEN)],
  ['an empty length', post('Content-Length: \r\n', HIDDEN)],
  ['a length too large for a number', post('Content-Length: 99999999999999999999\r\n', HIDDEN)],
  ['a length whose name has an underscore', post(`Content_Length: ${HIDDEN.length}\r\n`, HIDDEN)],
  ['an unknown coding', post('Transfer-Encoding: xchunked\r\n', LAST_CHUNK_THEN_HIDDEN)],
  ['chunks twice', post(`${TE}${TE}`, LAST_CHUNK_THEN_HIDDEN)],
  ['a list with chunks twice', post('Transfer-Encoding: chunked, chunked\r\n', LAST_CHUNK_THEN_HIDDEN)],
  ['chunks that are not last', post('Transfer-Encoding: chunked, identity\r\n', LAST_CHUNK_THEN_HIDDEN)],
  ['identity', post(`Transfer-Encoding: identity\r\n${length(HIDDEN)}`, HIDDEN)],
  ['gzip and chunks', post('Transfer-Encoding: gzip, chunked\r\n', LAST_CHUNK_THEN_HIDDEN)],
  [
    'a space ahead of the colon',
    post(`Transfer-Encoding : chunked\r\n${length(HIDDEN)}`, LAST_CHUNK_THEN_HIDDEN),
  ],
  [
    'a coding whose name has an underscore',
    post(`Transfer_Encoding: chunked\r\n${length(CHUNKED)}`, CHUNKED),
  ],
  ['a vertical tab ahead of the coding', post('Transfer-Encoding:\x0bchunked\r\n', LAST_CHUNK_THEN_HIDDEN)],
  ['a folded coding', post('Transfer-Encoding:\r\n chunked\r\n', LAST_CHUNK_THEN_HIDDEN)],
  ['a coding in quotes', post('Transfer-Encoding: "chunked"\r\n', LAST_CHUNK_THEN_HIDDEN)],
  ['lines that end in a line feed', post(`X: 1\n${TE}`, LAST_CHUNK_THEN_HIDDEN)],
  ['a carriage return inside of a value', post(`X: 1\r${TE}`, LAST_CHUNK_THEN_HIDDEN)],
  ['a null inside of a value', post(`X: 1\0\r\n${TE}`, LAST_CHUNK_THEN_HIDDEN)],
  ['a chunk size with 0x', post(TE, `0x0\r\n\r\n${HIDDEN}`)],
  ['a negative chunk size', post(TE, `-1\r\n\r\n${HIDDEN}`)],
  ['a chunk size too large for a number', post(TE, `fffffffffffffffff0\r\n${HIDDEN}`)],
  ['a chunk longer than its size', post(TE, `1\r\n${HIDDEN}\r\n0\r\n\r\n`)],
  ['an extension of a chunk that ends in a line feed', post(TE, `1;x\n${HIDDEN}\r\n0\r\n\r\n`)],
  ['a chunk that ends in a line feed', post(TE, `1\r\na\n0\r\n\r\n${HIDDEN}`)],
  [
    'trailers that look like headers',
    post(
      `Trailer: Host\r\n${TE}`,
      `1\r\na\r\n0\r\nHost: raw.contoso.example\r\nContent-Length: ${HIDDEN.length}\r\n\r\n`,
    ),
  ],
  ['a body of a GET', post(length(HIDDEN), HIDDEN, 'GET /public/a HTTP/1.1')],
  ['chunks of a DELETE', post(TE, CHUNKED, 'DELETE /public/a HTTP/1.1')],
  ['chunks of an OPTIONS', post(TE, CHUNKED, 'OPTIONS /public/a HTTP/1.1')],
  ['chunks of a HEAD', post(TE, CHUNKED, 'HEAD /public/a HTTP/1.1')],
  ['chunks of HTTP/1.0', post(TE, CHUNKED, 'POST /public/a HTTP/1.0')],
  ['a length that Connection takes away', post(`Connection: Content-Length\r\n${length(HIDDEN)}`, HIDDEN)],
  ['chunks that Connection takes away', post(`Connection: Transfer-Encoding\r\n${TE}`, CHUNKED)],
  ['an expectation that is not one', post(`Expect: 101-x\r\n${length(HIDDEN)}`, HIDDEN)],
  ['a WebSocket with a body', post(`${UPGRADE}${length(HIDDEN)}`, HIDDEN, 'GET /public/a HTTP/1.1')],
  ['a WebSocket with chunks', post(`${UPGRADE}${TE}`, CHUNKED, 'GET /public/a HTTP/1.1')],
  [
    'an upgrade to HTTP/2',
    post(
      `Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n`,
      HIDDEN,
      'GET /public/a HTTP/1.1',
    ),
  ],
  ['an upgrade by POST', post(`${UPGRADE}`, HIDDEN)],
  ['a tab in the request line', post('', '', 'GET /public/a\tHTTP/1.1')],
  ['a request line in a header name', post(`GET /admin/9 HTTP/1.1\r\nX: 1\r\n`, '')],
  ['HTTP/0.9', 'GET /admin/9\r\n\r\n'],
  ['a target with a line end', `GET /public/a%0d%0aX:1\r\n HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`],
];

describe('a request inside of another', () => {
  it.each(CASES)('reaches no application unjudged: %s', async (_, bytes) => {
    await sendRaw(place.port, bytes);
    const after = await sendRaw(place.port, `GET /public/after HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    expect([after.status, after.body]).toEqual([200, 'ok']);
    const { received } = place.upstream;
    for (const { method, target, headers } of received) {
      expect(judged).toContain(`${method} ${target}`);
      expect(headers.flat()).not.toContain('forged');
    }
    expect(received.filter(({ target }) => target.startsWith('/admin'))).toEqual([]);
    expect(received.at(-1)?.target).toBe('/public/after');
  });

  it('is judged on its own where it comes behind another on one connection', async () => {
    const { status } = await sendRaw(place.port, post('Content-Length: 0\r\n', HIDDEN));
    expect(status).toBe(200);
    await sendRaw(place.port, `GET /public/after HTTP/1.1\r\nHost: ${HOST}\r\n\r\n`);
    expect(judged).toEqual(['POST /public/a', 'GET /admin/9', 'GET /public/after']);
    expect(place.upstream.received.map(({ target }) => target)).toEqual(['/public/a', '/public/after']);
  });
});

describe('an upgrade that the application refuses', () => {
  it.each([
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nno',
    'HTTP/1.1 426 Upgrade Required\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nno\r\n0\r\n\r\n',
  ])('opens no connection to it: %j', async (answer) => {
    const upstream = await RawUpstream.start();
    upstream.refusesUpgrades = true;
    upstream.answer = answer;
    const own = await embeddedPlace();
    const [found] = own.policy.apps;
    own.service.use({
      ...own.policy,
      apps: [
        { ...found, upstream: `http://127.0.0.1:${upstream.port}` } as never,
        ...own.policy.apps.slice(1),
      ],
    });
    const socket = connect(own.port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`GET /public/a HTTP/1.1\r\nHost: ${HOST}\r\n${UPGRADE}\r\n${HIDDEN}`);
    const { status, body } = await readAnswer(socket);
    expect([Math.floor(status / 100), body]).toEqual([status === 200 ? 2 : 4, 'no']);
    if (!socket.destroyed) await once(socket, 'close');
    expect(upstream.received.map(({ target }) => target)).toEqual(['/public/a']);
    expect(valuesOf(upstream.received[0] as Place['upstream']['received'][number], 'upgrade')).toEqual([
      'websocket',
    ]);
    await own.close();
    await upstream.close();
  });
});
