import { type DecisionEvent, onEvent } from '@entra-guard/core';
import {
  type LocalApi,
  type LocalApiOptions,
  type LocalEntra,
  type StartEntraOptions,
  startEntra,
} from '@entra-guard/testing';
import { afterEach, describe, expect, it } from 'vitest';

const apps = {
  orders: { scopes: ['Orders.Read'] },
  stock: { scopes: ['Stock.Read'], appRoles: { 'Stock.Read.All': ['Application'] } },
} as const;
const nbf = { access_token: { nbf: { essential: true, value: '1604106651' } } };

let entra: LocalEntra;
afterEach(async () => entra?.close());

async function stockOf(options: LocalApiOptions = {}, where: StartEntraOptions = {}): Promise<LocalApi> {
  entra = await startEntra({ apps, ...where });
  return entra.downstream({ api: 'stock', ...options });
}

const ada = () => entra.user('ada', { api: 'stock', scp: 'Stock.Read', client: 'orders' });
const ask = (stock: LocalApi, path = '/items', init: RequestInit = {}) =>
  stock.fetch(stock.baseUrl + path, { ...init, headers: { ...ada().headers, ...(init.headers as object) } });

describe.each<[string, LocalApiOptions, StartEntraOptions]>([
  ['in process', {}, {}],
  ['in process, below a path', { baseUrl: 'https://stock.contoso.example/v1/' }, {}],
  ['on a port', { port: 0 }, {}],
  ['on a port, with a local Entra on another', { port: 0 }, { port: 0 }],
  ['in process, with a local Entra over TLS', {}, { port: 0, tls: true }],
])('a local API %s', (_, options, where) => {
  it('answers callers whose token is for it, and records who called', async () => {
    const stock = await stockOf(options, where);
    stock.answer('/items', [{ name: 'book', left: 3 }]);
    const answer = await ask(stock, '/items?top=1');
    expect([answer.status, await answer.json()]).toEqual([200, [{ name: 'book', left: 3 }]]);
    expect(stock.requests).toEqual([
      {
        method: 'GET',
        url: `${stock.baseUrl}/items?top=1`,
        at: expect.closeTo(entra.now(), -5),
        status: 200,
        caller: {
          kind: 'user',
          tenantId: entra.tenantId,
          objectId: entra.objectIdOf('ada'),
          clientId: entra.clientIdOf('orders'),
          scopes: ['Stock.Read'],
          roles: [],
          agent: undefined,
        },
      },
    ]);
    expect(JSON.stringify(stock.requests)).not.toContain('eyJ');
  });

  it('refuses any other token, and a request without one', async () => {
    const stock = await stockOf(options, where);
    stock.answer('/items', []);
    const url = `${stock.baseUrl}/items`;
    const other = entra.user('ada', { api: 'orders', scp: 'Orders.Read' }).headers;
    expect((await stock.fetch(url, { headers: other })).headers.get('www-authenticate')).toContain(
      'error="invalid_token"',
    );
    expect((await stock.fetch(url)).headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(stock.requests.map(({ status, caller }) => [status, caller])).toEqual([
      [401, undefined],
      [401, undefined],
    ]);
  });

  it('fails, for as many requests as are told', async () => {
    const stock = await stockOf(options, where);
    stock.answer('/items', []);
    const restore = stock.fail(503);
    stock.fail(429, { times: 1, headers: { 'retry-after': '2' } });
    const busy = await ask(stock);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([429, '2']);
    expect((await ask(stock)).status).toBe(503);
    restore();
    expect((await ask(stock)).status).toBe(200);
    stock.fail('disconnect', { times: 1 });
    await expect(ask(stock)).rejects.toThrow(TypeError);
    expect(stock.requests.at(-1)).toMatchObject({ status: undefined, caller: undefined });
    stock.fail('garbage', { times: 1 });
    expect(await (await ask(stock)).text()).toContain('<html>');
    stock.fail(204, { times: 1 });
    expect((await ask(stock)).status).toBe(204);
  });

  it('ends requests that hang when it is closed, and answers nothing afterwards', async () => {
    const stock = await stockOf(options, where);
    stock.fail('hang');
    const asked = ask(stock);
    await expect.poll(() => stock.requests.length).toBe(1);
    await stock.close();
    await expect(asked).rejects.toThrow(TypeError);
    await expect(ask(stock)).rejects.toThrow(TypeError);
    await stock.close();
  });
});

describe('a local API', () => {
  it('demands another token with a challenge as Entra documents it', async () => {
    const stock = await stockOf();
    stock.answer('/items', []);
    stock.challenge({ claims: nbf }, { times: 1 });
    const answer = await ask(stock);
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe(
      `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/authorize", error="insufficient_claims", claims="${Buffer.from(JSON.stringify(nbf)).toString('base64')}"`,
    );
    expect(stock.requests[0]).toMatchObject({ status: 401, caller: { kind: 'user' } });
    expect((await ask(stock)).status).toBe(200);
    const lift = stock.challenge({ claims: nbf });
    expect([(await ask(stock)).status, (await ask(stock)).status]).toEqual([401, 401]);
    lift();
    expect((await ask(stock)).status).toBe(200);
  });

  it('demands nothing of a caller whose token is refused', async () => {
    const stock = await stockOf();
    stock.challenge({ claims: nbf }, { times: 1 });
    const url = `${stock.baseUrl}/items`;
    const answer = await stock.fetch(url, { headers: entra.wrong.expired({ api: 'stock' }).headers });
    expect(answer.headers.get('www-authenticate')).not.toContain('insufficient_claims');
    expect((await ask(stock)).headers.get('www-authenticate')).toContain('insufficient_claims');
  });

  it('redirects below its base URL, and elsewhere', async () => {
    const stock = await stockOf({ baseUrl: 'https://stock.contoso.example/v1' });
    stock.redirect('/old', '/new');
    stock.redirect('/away', 'https://elsewhere.example/', { status: 307 });
    const seen = [await ask(stock, '/old'), await ask(stock, '/away'), await ask(stock, '/away')];
    expect(seen.map(({ status, headers }) => [status, headers.get('location')])).toEqual([
      [302, 'https://stock.contoso.example/v1/new'],
      [307, 'https://elsewhere.example/'],
      [307, 'https://elsewhere.example/'],
    ]);
  });

  it('answers what functions return, by method and by the beginning of a path', async () => {
    const stock = await stockOf();
    stock.answer('/*', 'any');
    const undo = stock.answer('POST /orders/*', async ({ path, query, headers, body, caller }) => ({
      path,
      top: query.get('top'),
      authorization: headers.get('authorization'),
      asked: headers.get('x-asked'),
      body,
      for: caller.objectId,
    }));
    const post = async () => {
      const init = { method: 'POST', body: 'x', headers: { 'x-asked': 'yes' } };
      return (await ask(stock, '/orders/7?top=1', init)).json();
    };
    expect(await post()).toEqual({
      path: '/orders/7',
      top: '1',
      authorization: null,
      asked: 'yes',
      body: 'x',
      for: entra.objectIdOf('ada'),
    });
    expect(await (await ask(stock, '/orders/7')).json()).toBe('any');
    undo();
    expect(await post()).toBe('any');
    stock.answer('/items', () => undefined);
    expect((await ask(stock)).status).toBe(204);
    stock.answer('/items', () => new Response('plain', { status: 418 }));
    expect((await ask(stock)).status).toBe(418);
  });

  it('says of a path what to write', async () => {
    const stock = await stockOf({ baseUrl: 'https://stock.contoso.example/v1' });
    const answer = await ask(stock);
    expect([answer.status, await answer.json()]).toEqual([
      404,
      {
        error: 'not_told',
        error_description: "The test has told no answer to GET /items. Tell one: answer('/items', …).",
      },
    ]);
    const outside = await stock.fetch('https://stock.contoso.example/v2', { headers: ada().headers });
    expect(await outside.json()).toMatchObject({
      error_description: 'This API is at https://stock.contoso.example/v1.',
    });
  });

  it('accepts apps that act as themselves', async () => {
    const stock = await stockOf();
    stock.answer('/items', []);
    const { headers } = entra.app('job', { api: 'stock', roles: ['Stock.Read.All'] });
    await stock.fetch(`${stock.baseUrl}/items`, { headers });
    expect(stock.requests[0]?.caller).toMatchObject({
      kind: 'app',
      roles: ['Stock.Read.All'],
      scopes: [],
      clientId: entra.clientIdOf('job'),
    });
  });

  it('publishes no decisions, and leaves no request for keys on record', async () => {
    const stock = await stockOf();
    const decisions: DecisionEvent[] = [];
    const stop = onEvent((event) => decisions.push(event), { types: ['decision'] });
    await ask(stock);
    stop();
    expect([decisions, entra.requests]).toEqual([[], []]);
  });

  it('keeps the latest 10 000 requests', async () => {
    const stock = await stockOf();
    const before = { url: '', at: 0, caller: undefined, status: 200 };
    for (let number = 0; number < 10_000; number++) stock.requests.push({ ...before, method: 'x' });
    await ask(stock);
    expect([stock.requests.length, stock.requests.at(-1)?.method]).toEqual([10_000, 'GET']);
  });

  it('has its entry for createDownstream', async () => {
    const stock = await stockOf();
    const scope = `api://${entra.clientIdOf('stock')}/.default`;
    expect(stock.options).toEqual({
      baseUrl: 'https://stock.contoso.example',
      scopes: [scope],
      appScope: scope,
    });
  });

  it('makes room for another one when it is closed, and ends with its local Entra', async () => {
    const stock = await stockOf();
    await expect(entra.downstream({ api: 'stock' })).rejects.toMatchObject({
      code: 'option_invalid',
      message:
        'Another local API answers at https://stock.contoso.example. Close it first, or give this one another baseUrl.',
    });
    await stock.close();
    await expect(entra.fetch('https://stock.contoso.example/items')).rejects.toMatchObject({
      code: 'host_not_answered',
    });
    const other = await entra.downstream({ api: 'stock' });
    await entra.close();
    await expect(ask(other)).rejects.toThrow(TypeError);
  });

  it('has a host of its own whatever its name', async () => {
    entra = await startEntra();
    const names = ['Stock & Co.', 'api: shelf', '§'];
    const made = await Promise.all(names.map((api) => entra.downstream({ api })));
    expect(made.map(({ baseUrl }) => baseUrl)).toEqual([
      'https://stock-co.contoso.example',
      'https://api-shelf.contoso.example',
      'https://api.contoso.example',
    ]);
  });

  it.each<[string, object, RegExp]>([
    ['an unknown option', { url: 'x' }, /has no "url"\. It has api, baseUrl and port/],
    [
      'an API that is not text',
      { api: 7 },
      /it is the name of an API: entra\.downstream\(\{ api: 'stock' \}\)/,
    ],
    ['an unknown API', { api: 'shelf' }, /There is no API "shelf"/],
    ['no API of several', { api: undefined }, /Which API is it for\?/],
    ['Microsoft Graph', { api: 'graph' }, /call it at entra\.graph/],
    ['a port out of range', { port: 70_000 }, /a port is an integer from 0 to 65535/],
    ['a port and a base URL', { port: 0, baseUrl: 'https://a.example' }, /leave baseUrl out/],
    ['plain http in process', { baseUrl: 'http://a.example' }, /Write one: 'https:/],
    ['a query', { baseUrl: 'https://a.example?b' }, /Write one: 'https:/],
    ['a base URL that is not text', { baseUrl: 7 }, /Write one: 'https:/],
    ['a host of Entra', { baseUrl: 'https://graph.microsoft.com/v2' }, /Write another host/],
  ])('%s is refused, and the error says what to write', async (_, options, message) => {
    await expect(stockOf(options)).rejects.toThrow(message);
  });

  it.each<[string, (stock: LocalApi) => unknown, RegExp]>([
    [
      'a path without a slash',
      (stock) => stock.answer('items', 1),
      /'\/items', 'POST \/items' or '\/items\/\*'/,
    ],
    [
      'no answer',
      (stock) => stock.answer('/items', undefined as never),
      /Pass JSON, a Response, or a function/,
    ],
    [
      'claims for no access token',
      (stock) => stock.challenge({ claims: {} as never }),
      /no object access_token/,
    ],
    ['claims that are text', (stock) => stock.challenge({ claims: 'x' as never }), /no object access_token/],
    [
      'no requests at all',
      (stock) => stock.challenge({ claims: nbf }, { times: 0 }),
      /a number of requests, at least 1/,
    ],
    [
      'an unknown option',
      (stock) => stock.fail(503, { time: 1 } as never),
      /has no "time"\. It has times and headers/,
    ],
    ['an unknown fault', (stock) => stock.fail('slow' as never), /'hang', 'garbage' or 'disconnect'/],
    [
      'another status of a redirect',
      (stock) => stock.redirect('/a', '/b', { status: 200 }),
      /Write 301, 302/,
    ],
    [
      'a redirect to nowhere',
      (stock) => stock.redirect('/a', 'b'),
      /Write a path such as '\/items', or a whole URL/,
    ],
  ])('%s is refused, and the error says what to write', async (_, act, message) => {
    const stock = await stockOf();
    expect(() => act(stock)).toThrow(message);
  });
});
