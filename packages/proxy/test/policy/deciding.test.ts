import { takeInventory } from '@entra-guard/catalogue';
import { ConfigurationError } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { rulesIn } from '@entra-guard/proxy/policy';
import { describe, expect, it } from 'vitest';
import { HOST, policyOf } from './policy-of.js';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
const nightly = testAuth({ kind: 'app', roles: ['Orders.Read.All'] });

const policy = policyOf([
  'GET /health anonymous()',
  "GET /orders/** anyOf(scopes('Orders.Read'), appPermissions('Orders.Read.All'))",
  "DELETE /orders/{id} allOf(scopes('Orders.Read'), userRoles('Orders.Admin'), authContext('c1'))",
  "POST /orders tighten(scopes('Orders.Read'), allOf(scopes('Orders.Read'), userRoles('Orders.Clerk')), { until: '2030-01-01T00:00:00Z' })",
  "PUT /orders allOf(scopes('Orders.Read'), inGroups('aaaaaaaa-0000-cccc-1111-dddd2222eeee'))",
]);

const ask = (method: string, path: string, auth?: typeof ada, host = HOST) =>
  policy.decide({ host, method, path, auth });

describe('a decision', () => {
  it('allows whom the rule lets in, and names the rule', () => {
    for (const auth of [ada, nightly]) {
      expect(ask('GET', '/orders/42?x=1', auth)).toEqual({ allow: true, rule: '/orders/**', app: 'orders' });
    }
    expect(ask('HEAD', '/orders/42', ada).allow).toBe(true);
  });

  it('allows every caller where that was said, whatever they bring', () => {
    for (const auth of [undefined, ada, nightly]) {
      expect(ask('GET', '/health', auth)).toEqual({ allow: true, rule: '/health', app: 'orders' });
    }
  });

  it('refuses callers without a token, and says so', () => {
    expect(ask('GET', '/orders/42')).toEqual({
      allow: false,
      rule: '/orders/**',
      app: 'orders',
      code: 'credentials_missing',
    });
  });

  it('refuses whom the rule does not let in, and says what is lacking', () => {
    expect(ask('DELETE', '/orders/42', ada)).toMatchObject({
      allow: false,
      rule: '/orders/{id}',
      code: 'role_missing',
      denial: { enough: { userRoles: ['Orders.Admin'] } },
    });
    expect(ask('DELETE', '/orders/42', nightly)).toMatchObject({ allow: false, rule: '/orders/{id}' });
  });

  it.each([
    ['GET', '/nothing', HOST, 'no_requirement', 403],
    ['GET', '/orders/../health', HOST, 'path_not_canonical', 400],
    ['TRACE', '/orders', HOST, 'method_not_allowed', 405],
    ['PUT', '/health', HOST, 'method_not_allowed', 405],
    ['GET', '/health', 'evil.example', 'host_not_known', 404],
  ])('refuses %s %s of %s for every caller: %s', (method, path, host, code, status) => {
    for (const auth of [undefined, ada, nightly]) {
      const decision = ask(method, path, auth, host);
      expect(decision).toMatchObject({ allow: false, rule: undefined, code });
      expect(decision.error?.status).toBe(status);
    }
  });

  it('depends on the time that it is given', () => {
    const at = (now: Date | number) =>
      policy.decide({ host: HOST, method: 'POST', path: '/orders', auth: ada, now });
    expect(at(new Date('2029-12-31')).allow).toBe(true);
    expect(at(Date.parse('2030-01-02'))).toMatchObject({ allow: false, code: 'role_missing' });
  });

  it('takes the groups that a token could not hold', () => {
    const many = testAuth({ kind: 'user', scopes: ['Orders.Read'], groups: 'overage' });
    const put = (groups?: readonly string[]) =>
      policy.decide({ host: HOST, method: 'PUT', path: '/orders', auth: many, groups });
    expect(put().code).toBe('groups_overage');
    expect(put(['aaaaaaaa-0000-cccc-1111-dddd2222eeee']).allow).toBe(true);
    expect(put([]).allow).toBe(false);
  });

  it.each([{ ...ada }, JSON.parse(JSON.stringify(ada)) as unknown, 'token', true, {}, null])(
    'is none for what no guard gave: %#',
    (auth) => {
      expect(() => ask('GET', '/orders/42', auth as never)).toThrow(ConfigurationError);
    },
  );

  it('does not read what stands on Object.prototype', () => {
    Object.assign(Object.prototype, { auth: ada, now: 0, path: '/orders', method: 'GET', host: HOST });
    try {
      expect(policy.decide({ host: HOST, method: 'GET', path: '/orders' }).code).toBe('credentials_missing');
      expect(policy.decide({} as never).code).toBe('host_not_known');
    } finally {
      for (const name of ['auth', 'now', 'path', 'method', 'host']) {
        delete (Object.prototype as unknown as Record<string, unknown>)[name];
      }
    }
  });
});

describe('rulesIn', () => {
  it('lists the rules for the inventory', () => {
    const { handlers, warnings } = takeInventory(
      rulesIn(policyOf(["GET,POST /a scopes('A')", 'any /b anonymous()'])),
    );
    expect(
      handlers.map(({ method, path, handler, access, reasons }) => [method, path, handler, access, reasons]),
    ).toEqual([
      ['GET', '/a', 'orders', 'required', ['a test']],
      ['POST', '/a', 'orders', 'required', ['a test']],
      ['ALL', '/b', 'orders', 'public', ['a test']],
    ]);
    expect(warnings.map(({ code }) => code)).not.toContain('no_requirement');
  });
});
