import { readPolicy } from '@entra-guard/proxy/policy';
import { describe, expect, it } from 'vitest';
import { policyOf, textOf } from './policy-of.js';

const codes = (rules: readonly string[], app = '') =>
  policyOf(rules, app)
    .warnings.filter(({ code }) => code !== 'no_tests')
    .map(({ code, member }) => [code, member]);

describe('warnings of a policy', () => {
  it.each([
    [
      "any /** scopes('A')",
      "any /admin/** allOf(scopes('A'), userRoles('R'))",
      [['weaker_rest', 'apps.orders /**']],
    ],
    ['any /** anonymous()', "any /admin/{id} scopes('A')", [['weaker_rest', 'apps.orders /**']]],
    ["any /** scopes('A')", "any /admin/** scopes('A')", []],
    ["any /** scopes('A')", 'GET /health anonymous()', []],
    ["any /** scopes('A')", "any /admin/** scopes('B')", []],
    ["GET /** scopes('A')", "POST /admin allOf(scopes('A'), userRoles('R'))", []],
    ["any /a/** scopes('A')", "any /ab allOf(scopes('A'), userRoles('R'))", []],
    [
      "any /a/** scopes('A')",
      "any /a allOf(scopes('A'), userRoles('R'))",
      [['weaker_rest', 'apps.orders /a/**']],
    ],
  ])('of %s above %s', (rest, below, expected) => {
    expect(codes([rest, below])).toEqual(expected);
    expect(codes([below, rest])).toEqual(expected);
  });

  it.each([
    ["GET /a userRoles('R')", 'scope_open', 'apps.orders /a'],
    ['GET /a authenticated()', 'scope_open', 'apps.orders /a'],
    [
      "GET /a tighten(scopes('A'), allOf(scopes('A'), userRoles('R')), { until: '2030-01-01T00:00:00Z' })",
      'tightens',
      'apps.orders /a',
    ],
  ])('of %s', (rule, code, member) => {
    expect(codes([rule])).toEqual([[code, member]]);
  });

  it.each([
    ['encodedSlashes: opaque', 'path_exception'],
    ['pathParameters: keep', 'path_exception'],
    ['passToken: true', 'token_passed'],
    ['signIn: { credential: { secret: x } }', 'secret_in_file', '.signIn.credential.secret'],
  ])('of %s', (line, code, member = `.${line.split(':')[0]}`) => {
    expect(codes(["GET /a scopes('A')"], `    ${line}\n`)).toEqual([[code, `apps.orders${member}`]]);
  });

  it('of a secret that is written into the file, and not of one from the environment', () => {
    const text = `${textOf(["GET /a scopes('A')"])}sessions: { keys: [{ id: '1', secret: "\${KEY}" }, { id: '2', secret: abc }] }\ntests: [{ GET: /a, refuse: true }]\n`;
    const { warnings, sessions } = readPolicy(text, { env: { KEY: 'from the environment' } });
    expect(warnings.map(({ member }) => member)).toEqual(['sessions.keys[1].secret']);
    expect(sessions?.keys?.map(({ secret }) => secret)).toEqual(['from the environment', 'abc']);
    expect(JSON.stringify(warnings)).not.toContain('abc');
  });

  it('of no tests', () => {
    expect(policyOf(["GET /a scopes('A')"]).warnings).toMatchObject([{ code: 'no_tests', member: 'tests' }]);
  });

  it('are none of a policy that has nothing of all that', () => {
    const text = `${textOf(["GET /a/** scopes('A')", 'GET /health anonymous()'])}tests: [{ GET: /a, refuse: true }]\n`;
    expect(readPolicy(text, { env: {} }).warnings).toEqual([]);
  });
});
