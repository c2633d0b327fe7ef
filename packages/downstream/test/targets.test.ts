import { describe, expect, it } from 'vitest';
import { errorOf, STOCK, type Stage, stage } from './stage.js';

const app = (made: Stage) => made.downstream().apis.stock.asApp();

describe('a token goes only below its API’s base URL', () => {
  it.each([
    ['/items', '/items'],
    ['items', '/items'],
    ['', '/'],
    ['/items?filter=a/../b//c:d#e', '/items?filter=a/../b//c:d#e'],
    ['/items/a:b', '/items/a:b'],
    ['/drive/root:/file.txt:/content', '/drive/root:/file.txt:/content'],
    ['/items/%C3%A4', '/items/%C3%A4'],
    ['/items/ä', '/items/%C3%A4'],
  ])('%j is a path', async (path, below) => {
    const made = await stage();
    await app(made).fetch(path);
    expect(made.received[0]?.url).toBe(new URL(`${STOCK}${below}`).href);
  });

  it.each([
    '//evil.example/x',
    '/\\evil.example/x',
    '\\\\evil.example/x',
    'https://evil.example/',
    'https:evil',
    'javascript:alert(1)',
    'items:1/x',
    '\thttps://evil.example',
    '/\t/evil.example',
    '/items\n/x',
    '/items /x',
    '/items\u0000',
    '/../v2/items',
    '../v2/items',
    '/items/../../v2',
    '/items/.',
    '/%2e%2e/v2',
    '/.%2E/v2',
    '/items/..%2fv2',
    '/items%5c..%5cv2',
    '/items%00',
    42,
    undefined,
    null,
    new URL('https://evil.example/'),
  ])('%j is refused, and nothing is sent', async (path) => {
    const made = await stage();
    const error = await errorOf(() => app(made).fetch(path as string));
    expect(error).toMatchObject({ code: 'downstream_target_refused', status: 500 });
    expect(error.message).not.toContain('evil');
    expect([made.received, made.forms]).toEqual([[], []]);
  });

  it.each([
    'authorization',
    'Cookie',
    'HOST',
    'proxy-authorization',
    'X-Forwarded-User',
    'x-ms-client-principal-id',
    'X-MS-TOKEN-AAD-ACCESS-TOKEN',
    'X-Original-URL',
    'x-entra-assertion',
  ])('the header %s, which would carry another identity, is refused', async (name) => {
    const made = await stage();
    const error = await errorOf(() => app(made).fetch('/items', { headers: { [name]: 'Bearer of-bob' } }));
    expect(error).toMatchObject({ code: 'downstream_target_refused', status: 500 });
    expect(error.message).not.toContain('of-bob');
    expect(made.received).toEqual([]);
  });
});

describe('redirects', () => {
  const redirecting = async (location: string, init: RequestInit & { readonly status?: number } = {}) => {
    const made = await stage();
    const { status = 302, ...rest } = init;
    made.answer = ({ url }) =>
      url === `${STOCK}/old`
        ? new Response('gone', { status, headers: { location } })
        : Response.json({ url });
    return { made, response: await app(made).fetch('/old', rest) };
  };

  it.each([301, 302, 303, 307, 308])('%i are followed below the base URL', async (status) => {
    const { made, response } = await redirecting('/v1/new', { status });
    expect(await response.json()).toEqual({ url: `${STOCK}/new` });
    expect(made.received).toHaveLength(2);
  });

  it.each([
    ['to another host', 'https://evil.example/v1/x', {}],
    ['to another port', 'https://stock.contoso.example:8443/v1/x', {}],
    ['to http', 'http://stock.contoso.example/v1/x', {}],
    ['out of the base path', '/v2/x', {}],
    ['out of the base path by its start', '/v1evil', {}],
    ['to what is not a URL', 'https://', {}],
    ['with a user', 'https://a:b@stock.contoso.example/v1/x', {}],
    ['of a POST', '/v1/new', { method: 'POST', body: 'x' }],
  ])('%s are handed on as they are', async (_, location, init) => {
    const { made, response } = await redirecting(location, init);
    expect([response.status, response.headers.get('location')]).toEqual([302, location]);
    expect(made.received).toHaveLength(1);
  });

  it('are followed five times at most', async () => {
    const made = await stage();
    made.answer = () => new Response(null, { status: 302, headers: { location: '/v1/again' } });
    expect((await app(made).fetch('/again')).status).toBe(302);
    expect(made.received).toHaveLength(6);
  });
});
