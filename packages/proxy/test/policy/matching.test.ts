import { readPolicy } from '@entra-guard/proxy/policy';
import { describe, expect, it } from 'vitest';
import { HOST, policyOf, textOf } from './policy-of.js';

const policy = policyOf([
  "GET / scopes('Root')",
  'GET /health anonymous()',
  "GET,POST /orders scopes('List')",
  "GET /orders/** scopes('Rest')",
  "GET /orders/{id} scopes('One')",
  "DELETE /orders/{id} scopes('Delete')",
  "GET /orders/mine scopes('Mine')",
  "any /admin/** scopes('Admin')",
  "GET /files/{name}/versions/{version} scopes('Version')",
  "GET /files/latest/** scopes('Latest')",
]);

const matched = (path: string, method = 'GET', host = HOST) => {
  const { rule, error } = policy.match({ host, method, path });
  return rule?.path ?? error?.code;
};

describe('which rule decides', () => {
  it.each([
    ['/', '/'],
    ['/health', '/health'],
    ['/health/', '/health'],
    ['/orders', '/orders'],
    ['/orders/', '/orders'],
    ['/orders?x=/admin/..//', '/orders'],
    ['/orders/42', '/orders/{id}'],
    ['/orders/42/', '/orders/{id}'],
    ['/orders/mine', '/orders/mine'],
    ['/orders/%6dine', '/orders/mine'],
    ['/orders/Mine', '/orders/{id}'],
    ['/orders/42/items', '/orders/**'],
    ['/orders/42/items/7', '/orders/**'],
    ['/admin', '/admin/**'],
    ['/admin/', '/admin/**'],
    ['/%61dmin', '/admin/**'],
    ['/admin/a/b/c', '/admin/**'],
    ['/files/latest/versions/3', '/files/latest/**'],
    ['/files/x/versions/3', '/files/{name}/versions/{version}'],
    ['/files/x/versions', 'no_requirement'],
    ['/files/x/versions/3/4', 'no_requirement'],
    ['/nothing', 'no_requirement'],
    ['/adminx', 'no_requirement'],
    ['/healthy', 'no_requirement'],
  ])('for %s it is %s', (path, expected) => {
    expect(matched(path)).toBe(expected);
  });

  it('is the less specific one where the more specific one does not have the method', () => {
    expect(matched('/orders/42', 'DELETE')).toBe('/orders/{id}');
    const { rule } = policyOf(["GET /a/b scopes('A')", "any /a/** scopes('B')"]).match({
      host: HOST,
      method: 'DELETE',
      path: '/a/b',
    });
    expect(rule?.path).toBe('/a/**');
  });

  it('does not depend on the order in which rules are written', () => {
    const rules = ["GET /a/{x}/c scopes('A')", "GET /a/b/{y} scopes('B')", "GET /a/** scopes('C')"];
    for (const list of [rules, [...rules].reverse()]) {
      const { rule } = policyOf(list).match({ host: HOST, method: 'GET', path: '/a/b/c' });
      expect(rule?.path).toBe('/a/b/{y}');
    }
  });

  it.each([
    ["GET /a/{x} scopes('A')", "GET /a/{y} scopes('B')", 'both match GET /a/any2'],
    ["GET /a/** scopes('A')", "any /a/** scopes('B')", 'both match GET /a/any'],
    ["GET /a scopes('A')", "HEAD /a scopes('B')", 'both match HEAD /a'],
    ["GET /%61 scopes('A')", "GET /a scopes('B')", 'both match GET /a'],
  ])('is an error where two are equally specific: %s, %s', (one, other, example) => {
    expect(() => policyOf([one, other])).toThrow(example);
  });

  it('takes rules for the same path and other methods', () => {
    const both = policyOf(["GET /a scopes('A')", "POST /a scopes('B')"]);
    expect(both.match({ host: HOST, method: 'POST', path: '/a' }).rule?.named).toEqual(['POST']);
  });
});

describe('methods', () => {
  it('HEAD follows GET, and nothing else does', () => {
    expect(matched('/health', 'HEAD')).toBe('/health');
    const posts = policyOf(["POST /a scopes('A')", "HEAD /b scopes('B')"]);
    expect(posts.match({ host: HOST, method: 'HEAD', path: '/a' }).error?.code).toBe('method_not_allowed');
    expect(posts.match({ host: HOST, method: 'GET', path: '/b' }).error?.code).toBe('method_not_allowed');
  });

  it.each(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('any is %s', (method) => {
    expect(matched('/admin/x', method)).toBe('/admin/**');
  });

  it.each(['TRACE', 'CONNECT', 'get', 'Get', 'PROPFIND', 'TRACK', 'any', '', 'constructor', 'GET '])(
    '%j is 405, also where any method is allowed',
    (method) => {
      const { error } = policy.match({ host: HOST, method, path: '/admin/x' });
      expect(error).toMatchObject({
        code: 'method_not_allowed',
        status: 405,
        allow: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'],
      });
    },
  );

  it('405 names the methods of all rules for the path', () => {
    expect(policy.match({ host: HOST, method: 'PUT', path: '/orders/42' }).error).toMatchObject({
      code: 'method_not_allowed',
      allow: ['GET', 'HEAD', 'DELETE'],
    });
  });

  it('a method of no rule does not make a path without rules known', () => {
    expect(matched('/nothing', 'TRACE')).toBe('no_requirement');
  });
});

describe('paths that are refused', () => {
  it.each([
    // Envoy GHSA-xcx5-93pw-jw2w, reply-from GHSA-2q7r-29rg-6m5h: dots.
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public/%2E./admin',
    '/./admin',
    '/admin/.',
    '/..',
    // Nitro GHSA-5w89-w975-hf9q, Traefik CVE-2025-66490: escaped slashes and other reserved characters.
    '/public/..%2fadmin',
    '/public%2f..%2fadmin',
    '/public%2Fadmin',
    '/public%5cadmin',
    '/public%5C..%5Cadmin',
    '/public\\admin',
    // heimdall CVE-2026-32811, -42272: the query and its encodings.
    '/public%3f/../admin',
    '/public%3Fx',
    '/public%23x',
    // oauth2-proxy GHSA-pxq7-h93f-9jrg: fragments.
    '/public#x',
    '/#/admin',
    '//admin',
    '/public//admin',
    '//',
    '/public//',
    // Tomcat reads a parameter from the semicolon on.
    '/public;/admin',
    '/public/..;/admin',
    '/admin%3bx',
    '/admin;',
    '/public%00',
    '/public%0a',
    '/public%1F',
    '/public%7f',
    '/public%252e%252e/admin',
    '/%2561dmin',
    '/%25%361dmin',
    '/%25%36%31dmin',
    '/%25u0061dmin',
    '/%25U0061dmin',
    '/public%',
    '/public%2',
    '/public%zz',
    '/%u0061dmin',
    // Overlong, cut and surrogate UTF-8.
    '/%c0%af',
    '/%c1%9c',
    '/%e0%80%af',
    '/%c3',
    '/%ff',
    '/%ed%a0%80',
    // Windows drops dots and spaces at the end.
    '/admin.',
    '/admin%20',
    '/admin./x',
    '/admin%2e',
    '/admin...',
    '/pub lic',
    '/café',
    '/public\t',
    '/public\n',
    '/public\u0000',
    '/a|b',
    '/a"b',
    '/a<b>',
    '/a^b',
    '/a`b',
    '/{id}',
    'http://orders.contoso.example/admin',
    'orders.contoso.example:443',
    '*',
    '',
    'admin',
    '?/admin',
    '\\admin',
    `/${'a'.repeat(17_000)}`,
  ])('%j', (path) => {
    const all = policyOf(["any /** scopes('All')"]);
    const { error, rule } = all.match({ host: HOST, method: 'GET', path });
    expect([error?.code, error?.status, rule]).toEqual(['path_not_canonical', 400, undefined]);
  });

  it.each([undefined, null, 5, {}, ['/']])('%j, which is not a text', (path) => {
    const { error } = policy.match({ host: HOST, method: 'GET', path: path as string });
    expect(error?.code).toBe('path_not_canonical');
  });

  it('are refused alike on hosts with and without such a rule, and unknown hosts come first', () => {
    expect(matched('/a/../b')).toBe('path_not_canonical');
    expect(matched('/a/../b', 'TRACE')).toBe('path_not_canonical');
    expect(matched('/a/../b', 'GET', 'evil.example')).toBe('host_not_known');
  });

  it.each([
    '/files/caf%C3%A9.txt',
    '/a/100%25',
    '/files/a%20b.pdf',
    '/%7Eada/',
    '/a@b/c:d/e,f=g+h',
    "/odata/Orders('1')",
    '/v1/x:verify',
    '/a?x=../..//%00;',
    '/a?',
    '/.well-known/openid-configuration',
    '/a..b/...c',
    '/a%2Bb%40c',
    '/[1]',
    '/',
  ])('are not %s', (path) => {
    const all = policyOf(["any /** scopes('All')"]);
    expect(all.match({ host: HOST, method: 'GET', path }).rule?.path).toBe('/**');
  });
});

describe('names that rules spell, in another way', () => {
  const spelt = policyOf([
    "GET /** scopes('Weak')",
    "GET /v1/x:verify scopes('Strong')",
    "GET /caf\u00e9 scopes('Coffee')",
    "GET /a%40b scopes('At')",
  ]);
  const rule = (path: string) => {
    const found = spelt.match({ host: HOST, method: 'GET', path });
    return found.rule?.path ?? found.error?.code;
  };

  it('are refused where some servers decode them and some do not', () => {
    expect(rule('/v1/x:verify')).toBe('/v1/x:verify');
    expect(rule('/v1/x%3Averify')).toBe('path_not_canonical');
    expect(rule('/v1/x%3averify')).toBe('path_not_canonical');
    expect(rule('/a%40b')).toBe('/a%40b');
    expect(rule('/a@b')).toBe('path_not_canonical');
    expect(rule('/a%40c')).toBe('/**');
  });

  it('are the same in every spelling of letters', () => {
    expect(rule('/caf%C3%A9')).toBe('/caf\u00e9');
    expect(rule('/caf%c3%a9')).toBe('/caf\u00e9');
    expect(rule('/%63%61f%c3%a9')).toBe('/caf\u00e9');
    expect(rule('/caf%C3%89')).toBe('/**');
  });

  it('are refused both, where rules have both', () => {
    const both = policyOf(["GET /a:b scopes('A')", "GET /a%3Ab scopes('B')", "GET /** scopes('C')"]);
    for (const path of ['/a:b', '/a%3Ab']) {
      expect(both.match({ host: HOST, method: 'GET', path }).error?.code).toBe('path_not_canonical');
    }
  });
});

describe('exceptions', () => {
  const decided = (path: string, app: string) => {
    const found = policyOf(["GET /{one} scopes('One')", "GET /admin/** scopes('Admin')"], app).match({
      host: HOST,
      method: 'GET',
      path,
    });
    return found.rule?.path ?? found.error?.code;
  };

  it('encodedSlashes lets %2F into a segment, and nothing that any reader could leave it by', () => {
    const app = '    encodedSlashes: opaque\n';
    expect(decided('/a%2Fb', app)).toBe('/{one}');
    expect(decided('/a%2fb', app)).toBe('/{one}');
    for (const path of [
      '/a%2F..%2Fadmin',
      '/..%2Fadmin',
      '/a%2F',
      '/%2Fadmin',
      '/a%2F%2Fb',
      '/a%5Cb',
      '/a%2F.',
      '/a.%2Fb',
      '/a%252Fb',
    ]) {
      expect(decided(path, app)).toBe('path_not_canonical');
    }
  });

  it('pathParameters lets ; into a segment, and nothing that any reader could leave it by', () => {
    const app = '    pathParameters: keep\n';
    expect(decided('/a;b=1', app)).toBe('/{one}');
    for (const path of ['/..;/admin', '/.;x', '/;x', '/a/..;a=b/admin', '/a%3Bb', '/a.;x', '/a%20;x']) {
      expect(decided(path, app)).toBe('path_not_canonical');
    }
  });

  it('caseInsensitivePaths folds the case of every letter, and refuses what only some fold', () => {
    const app = '    caseInsensitivePaths: true\n';
    for (const path of ['/ADMIN', '/Admin/x', '/%41dmin']) expect(decided(path, app)).toBe('/admin/**');
    for (const path of ['/%E2%84%AA', '/%C5%BF', '/%C4%B0', '/%C4%B1']) {
      expect(decided(path, app)).toBe('path_not_canonical');
      expect(decided(path, '')).toBe('/{one}');
    }
    expect(() => policyOf(["GET /Admin scopes('A')", "GET /admin scopes('B')"], app)).toThrow(
      'both match GET /admin',
    );
    expect(() => policyOf(["GET /\u00c4 scopes('A')", "GET /\u00e4 scopes('B')"], app)).toThrow('both match');
    expect(decided('/ADMIN', '')).toBe('/{one}');
    const spelt = policyOf(["GET /** scopes('Weak')", "GET /x:verify scopes('Strong')"], app);
    const found = (path: string) => spelt.match({ host: HOST, method: 'GET', path });
    expect(found('/X:Verify').rule?.path).toBe('/x:verify');
    expect(found('/X%3AVerify').error?.code).toBe('path_not_canonical');
  });
});

describe('hosts', () => {
  const three = policyOf(["GET /** scopes('A')"], '');
  const known = (host: string, policy = three) => policy.match({ host, method: 'GET', path: '/' }).app?.name;

  it.each([HOST, 'ORDERS.contoso.example', `${HOST}:8443`, `${HOST}.`, `${HOST}.:443`])(
    '%s is known',
    (host) => {
      expect(known(host)).toBe('orders');
    },
  );

  it.each([
    'contoso.example',
    // Authelia CVE-2026-48794, http-proxy-middleware CVE-2026-55602: hosts by part of their text.
    `evil${HOST}`,
    `evil.${HOST}`,
    `${HOST}.evil.example`,
    `${HOST}..`,
    `${HOST}:`,
    `${HOST}:x`,
    `${HOST}:80:80`,
    `user@${HOST}`,
    `${HOST}@evil.example`,
    `${HOST},evil.example`,
    ` ${HOST}`,
    `${HOST}\u0000`,
    `${HOST}/`,
    'orders%2econtoso.example',
    'orders.contoso.exam\u212Ale',
    'or\u017Fders.contoso.example',
    'constructor',
    '__proto__',
    '*.contoso.example',
    '',
  ])('%j is not known: 404', (host) => {
    const { app, error } = three.match({ host, method: 'GET', path: '/' });
    expect([app, error?.code, error?.status]).toEqual([undefined, 'host_not_known', 404]);
  });

  it.each([undefined, null, 5, [HOST]])('%j is not known', (host) => {
    expect(three.match({ host: host as unknown as string, method: 'GET', path: '/' }).error?.code).toBe(
      'host_not_known',
    );
  });

  const anyOf = readPolicy(
    textOf(["GET /** scopes('A')"]).replace(HOST, "[desk.example, '*.contoso.example']"),
    {
      env: {},
    },
  );

  it('folds no letter that is not ASCII into one that is', () => {
    expect(known('DESK.example', anyOf)).toBe('orders');
    expect(known('des\u212A.example', anyOf)).toBe(undefined);
  });

  it('takes one label for *', () => {
    for (const host of ['a.contoso.example', 'A-1.contoso.example:443', 'xn--bcher-kva.contoso.example.']) {
      expect(known(host, anyOf)).toBe('orders');
    }
    for (const label of [
      '',
      'a.b',
      'a@evil',
      'a/b',
      'a%2eb',
      '*',
      'a b',
      '-',
      'a,b',
      'a\\b',
      '[::1]',
      'a'.repeat(64),
      'a?',
    ]) {
      expect(known(`${label}.contoso.example`, anyOf)).toBe(undefined);
    }
  });

  it('has at most 253 characters', () => {
    const long = `${'a.'.repeat(127)}a`;
    expect(() => readPolicy(textOf(["GET /** scopes('A')"]).replace(HOST, long), { env: {} })).toThrow(
      'a host',
    );
    expect(
      known(
        long.slice(2),
        readPolicy(textOf(["GET /** scopes('A')"]).replace(HOST, long.slice(2)), { env: {} }),
      ),
    ).toBe('orders');
  });
});
