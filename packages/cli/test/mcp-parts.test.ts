import { describe, expect, it } from 'vitest';
import { placesOf } from '../src/mcp/authority-facts.js';
import { bearerChallengeIn } from '../src/mcp/bearer-challenge.js';
import { foreignList, foreignText } from '../src/mcp/foreign-text.js';
import { ask } from '../src/mcp/reply.js';
import { mayAsk } from '../src/mcp/server-facts.js';

describe('a Bearer challenge is read', () => {
  it.each<[string, string | null, unknown]>([
    ['where there is no header', null, undefined],
    ['not of another scheme', 'Basic realm="Bearer"', undefined],
    ['alone', 'Bearer', { scheme: 'Bearer', resourceMetadata: undefined, scopes: undefined }],
    [
      'with a comma and a quote in a value',
      'Bearer realm="a, \\"b\\"", scope="A B"',
      { scheme: 'Bearer', resourceMetadata: undefined, scopes: ['A', 'B'] },
    ],
    [
      'with a value that is a token',
      'bearer scope=A',
      { scheme: 'bearer', resourceMetadata: undefined, scopes: ['A'] },
    ],
    [
      'behind another, and before another',
      'Basic realm="x", Bearer resource_metadata="https://a", DPoP scope="B"',
      { scheme: 'Bearer', resourceMetadata: 'https://a', scopes: undefined },
    ],
    [
      'by its first value, where there are two',
      'Bearer scope="A", scope="B"',
      { scheme: 'Bearer', resourceMetadata: undefined, scopes: ['A'] },
    ],
  ])('%s', (_, header, expected) => {
    expect(bearerChallengeIn(header)).toEqual(expected);
  });
});

it.each<[unknown, string]>([
  ['text', 'text'],
  ['', 'empty'],
  [undefined, 'nothing'],
  [null, 'null'],
  [['a'], 'a list'],
  [{}, 'an object'],
  [8, '8'],
  [true, 'true'],
  ['x'.repeat(200), `${'x'.repeat(160)}…`],
])('a value of a foreign document is bounded for a sentence: %s', (value, expected) => {
  expect(foreignText(value)).toBe(expected);
});

it('of many values the first are shown', () => {
  expect(foreignList(['a', 'b', 'c', 'd', 'e', 'f'])).toBe('a, b, c, d and 2 more');
});

it.each([
  ['https://as.example/v2', 'https://mcp.example/mcp', true],
  ['http://as.example/v2', 'https://mcp.example/mcp', false],
  ['http://localhost:8484/v2', 'https://mcp.example/mcp', false],
  ['http://localhost:8484/v2', 'http://localhost:3000/mcp', true],
  ['http://10.0.0.1/v2', 'http://localhost:3000/mcp', false],
  ['https://ada:secret@as.example/v2', 'https://mcp.example/mcp', false],
  ['javascript:alert(1)', 'https://mcp.example/mcp', false],
  ['as.example', 'https://mcp.example/mcp', false],
])('whether %s, named by %s, is asked: %s', (named, server, expected) => {
  expect(mayAsk(named, new URL(server))).toBe(expected);
});

it.each([
  ['https://as.example', 2],
  ['https://as.example/t/v2.0', 3],
  ['https://as.example/t/v2.0/', 3],
])('%s has its metadata at %i places', (named, count) => {
  expect(placesOf(named)).toHaveLength(count);
});

describe('a server that is not ours gets a bounded time', () => {
  const failing = (error: unknown) => ask({ fetch: () => Promise.reject(error) }, 'https://a.example');

  it.each<[string, unknown, string]>([
    ['nothing comes', new DOMException('', 'TimeoutError'), 'nothing within 10 s'],
    ['the connection fails', new TypeError('fetch failed', { cause: new Error('ECONNRESET') }), 'ECONNRESET'],
    ['the error has no cause', new TypeError('Invalid URL'), 'Invalid URL'],
    ['it is not an Error', 'x', 'a value that is not an Error'],
  ])('%s', async (_, error, failure) => {
    expect(await failing(error)).toMatchObject({ failure, document: undefined });
    expect((await failing(error)).status).toBeUndefined();
  });

  it('which each request says, together with what it leaves out', async () => {
    const inits: RequestInit[] = [];
    const fetch = async (_: unknown, init?: RequestInit) => {
      inits.push(init ?? {});
      return new Response(null, { status: 204 });
    };
    await ask({ fetch }, 'https://a.example');
    expect(inits).toEqual([{ redirect: 'manual', credentials: 'omit', signal: expect.any(AbortSignal) }]);
  });

  it('and a body that breaks off is not a document', async () => {
    const body = new ReadableStream({
      start: (controller) => controller.error(new Error('gone')),
    });
    const answer = new Response(body, { headers: { 'content-type': 'application/json' } });
    const reply = await ask({ fetch: async () => answer }, 'https://a.example');
    expect([reply.status, reply.document]).toEqual([200, undefined]);
    const empty = new Response(null, { headers: { 'content-type': 'application/json' } });
    expect((await ask({ fetch: async () => empty }, 'https://a.example')).document).toBeUndefined();
  });

  it('and a list is not a document', async () => {
    const fetch = async () => Response.json([]);
    expect((await ask({ fetch }, 'https://a.example')).document).toBeUndefined();
  });
});
