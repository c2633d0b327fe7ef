import { evaluate, parseRequirement } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { type Policy, policyDiff } from '@entra-guard/proxy/policy';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { alternativesOf, gained } from '../../src/policy/diff/alternatives.js';
import { HOST, policyOf } from './policy-of.js';

const NOW = Date.parse('2026-01-01');
const changes = (before: Policy, after: Policy) =>
  policyDiff(before, after, { now: NOW }).access.map(({ methods, path, gains, loses }) => [
    methods.join(','),
    path,
    gains,
    loses,
  ]);
const between = (before: readonly string[], after: readonly string[], ...apps: readonly string[]) =>
  changes(policyOf(before, apps[0]), policyOf(after, apps[1] ?? apps[0]));

describe('policyDiff', () => {
  it('finds nothing between a policy and itself, however it is written', () => {
    const one = ["GET /a scopes('A')", "any /b/** anyOf(scopes('A'), userRoles('B'))"];
    const other = ["any /b/** anyOf(userRoles('B'), scopes('A'))", "GET /a allOf(scopes('A'))"];
    expect(policyDiff(policyOf(one), policyOf(other))).toEqual({
      access: [],
      settings: [],
      widens: false,
      complete: true,
    });
  });

  it.each([
    ["scopes('A')", "anyOf(scopes('A'), appPermissions('B'))", ["apps with appPermissions('B')"], []],
    ["scopes('A', 'B')", "scopes('A')", ["users with scopes('A')"], []],
    ["scopes('A')", "anyScope('A', 'B')", ["users with scopes('B')"], []],
    ["scopes('A')", "scopes('B')", ["users with scopes('B')"], ["users with scopes('A')"]],
    ["allOf(scopes('A'), userRoles('R'))", "scopes('A')", ["users with scopes('A')"], []],
    [
      "allOf(scopes('A'), members())",
      "allOf(scopes('A'), members({ unknown: 'allow' }))",
      ["users with members({ unknown: 'allow' }) and scopes('A')"],
      [],
    ],
    [
      "allOf(scopes('A'), signedInWithin('8h'))",
      "allOf(scopes('A'), signedInWithin('15m'))",
      [],
      ["users with scopes('A') and signedInWithin('8h')"],
    ],
    ["allOf(scopes('A'), noAgents())", "scopes('A')", ["users with scopes('A')"], []],
    [
      "allOf(scopes('A'), whenAgent(authContext('c1')))",
      "allOf(scopes('A'), whenAgent(authContext('c2')))",
      ["users with scopes('A') and whenAgent(authContext('c2'))"],
      ["users with scopes('A') and whenAgent(authContext('c1'))"],
    ],
    [
      "allOf(scopes('A'), withoutUserRoles('R', 'S'))",
      "allOf(scopes('A'), withoutUserRoles('R'))",
      ["users with scopes('A') and withoutUserRoles('R')"],
      [],
    ],
    ["scopes('A')", 'anonymous()', ['every caller, without a token too'], []],
    ['authenticated()', 'authenticated({ unassignedApps: true })', ['all apps'], []],
    ['authenticated()', "appPermissions('A')", [], ['all users', 'apps with an application permission']],
    ["appPermissions('A')", 'authenticated()', ['all users', 'apps with an application permission'], []],
    [
      "anyScope('A', 'B')",
      "allOf(anyScope('A', 'B'), inTenants('aaaabbbb-0000-cccc-1111-dddd2222eeee'))",
      [],
      ["users with scopes('A')", "users with scopes('B')"],
    ],
  ])('from %s to %s', (before, after, gains, loses) => {
    const difference = policyDiff(policyOf([`GET /a ${before}`]), policyOf([`GET /a ${after}`]), {
      now: NOW,
    });
    expect(difference.access).toMatchObject([
      { host: HOST, methods: ['GET', 'HEAD'], path: '/a', gains, loses },
    ]);
    expect(difference.widens).toBe(gains.length > 0);
  });

  it('tells of paths that fall to another rule', () => {
    expect(
      between(["any /** scopes('Weak')", "any /admin/** userRoles('Admin')"], ["any /** scopes('Weak')"]),
    ).toEqual([
      [
        'GET,HEAD,POST,PUT,PATCH,DELETE,OPTIONS',
        '/admin/**',
        ["users with scopes('Weak')"],
        ["users with userRoles('Admin')"],
      ],
    ]);
  });

  it('tells of methods that fall to another rule', () => {
    expect(
      between(
        ["any /** scopes('Weak')", "any /orders/{id} userRoles('Admin')"],
        ["any /** scopes('Weak')", "GET,POST /orders/{id} userRoles('Admin')"],
      ),
    ).toEqual([
      [
        'PUT,PATCH,DELETE,OPTIONS',
        '/orders/{any}',
        ["users with scopes('Weak')"],
        ["users with userRoles('Admin')"],
      ],
    ]);
  });

  it('tells paths apart, one class at a time', () => {
    expect(
      between(
        ["GET /a/{x}/c scopes('A')", "GET /a/b/{y} scopes('B')", "GET /a/** scopes('C')"],
        ["GET /a/{x}/c scopes('A')", "GET /a/b/{y} scopes('C')", "GET /a/** scopes('C')"],
      ).map(([, path]) => path),
    ).toEqual(['/a/b/c', '/a/b/{any}']);
  });

  it('tells of rules that are there or gone', () => {
    expect(between(["GET /a scopes('A')"], ["GET /a scopes('A')", "GET /b scopes('B')"])).toEqual([
      ['GET,HEAD', '/b', ["users with scopes('B')"], []],
    ]);
    expect(between(["GET /a scopes('A')", "GET /b scopes('B')"], ["GET /a scopes('A')"])).toEqual([
      ['GET,HEAD', '/b', [], ["users with scopes('B')"]],
    ]);
  });

  it('tells of requirements that switch, and when', () => {
    const soon =
      "tighten(scopes('A'), allOf(scopes('A'), userRoles('R')), { until: '2026-06-01T00:00:00Z' })";
    const { access, widens } = policyDiff(policyOf(["GET /a scopes('A')"]), policyOf([`GET /a ${soon}`]), {
      now: NOW,
    });
    expect(access).toMatchObject([
      { gains: [], loses: ["users with scopes('A')"], from: '2026-06-01T00:00:00.000Z' },
    ]);
    expect(widens).toBe(false);
    const back = policyDiff(policyOf([`GET /a ${soon}`]), policyOf(["GET /a scopes('A')"]), { now: NOW });
    expect(back).toMatchObject({
      widens: true,
      access: [{ gains: ["users with scopes('A')"], from: '2026-06-01T00:00:00.000Z' }],
    });
    const later = policyDiff(policyOf([`GET /a ${soon}`]), policyOf(["GET /a scopes('A')"]), {
      now: Date.parse('2027-01-01'),
    });
    expect(later.access[0]?.from).toBe(undefined);
  });

  it.each([
    ['', '    encodedSlashes: opaque\n', 'encodedSlashes', true],
    ['    encodedSlashes: opaque\n', '', 'encodedSlashes', false],
    ['', '    pathParameters: keep\n', 'pathParameters', true],
    ['', '    caseInsensitivePaths: true\n', 'caseInsensitivePaths', true],
    ['    caseInsensitivePaths: true\n', '', 'caseInsensitivePaths', true],
    ['', '    passToken: true\n', 'passToken', true],
    ['    passToken: true\n', '', 'passToken', false],
    ['    upstream: http://a.example\n', '    upstream: http://b.example\n', 'upstream', true],
    ['', '    audience: x\n', 'audience', false],
    ['', '    signIn: true\n', 'signIn', true],
    ['', '    cors: { origins: ["https://a.example"] }\n', 'cors', true],
  ])('tells of settings: from %j to %j', (before, after, name, widens) => {
    const difference = policyDiff(
      policyOf(["GET /a scopes('A')"], before),
      policyOf(["GET /a scopes('A')"], after),
    );
    expect(difference.settings).toMatchObject([{ member: `apps.orders.${name}`, widens }]);
    expect(difference.widens).toBe(widens);
  });

  it('does not show secrets', () => {
    const app = '    signIn: { credential: { secret: "Hunter2" } }\n';
    const difference = policyDiff(policyOf(["GET /a scopes('A')"]), policyOf(["GET /a scopes('A')"], app));
    expect(JSON.stringify(difference)).not.toContain('Hunter2');
  });

  describe('which callers gain', () => {
    const PARTS = [
      "scopes('A')",
      "scopes('B')",
      "anyScope('A', 'C')",
      "userRoles('A')",
      "anyUserRole('B', 'C')",
      "appPermissions('A')",
      "anyAppPermission('A', 'B')",
      'authenticated()',
      "allOf(scopes('A'), userRoles('B'))",
      "allOf(scopes('B'), members())",
      'allOf(authenticated(), delegated())',
      "allOf(scopes('A'), withoutUserRoles('C'))",
      "allOf(scopes('C'), authContext('c1'))",
      "allOf(scopes('C'), signedInWithin('1h'))",
    ];
    const requirements = fc
      .tuple(
        fc.subarray(PARTS, { minLength: 1, maxLength: 4 }),
        fc.constantFrom('anyOf', 'allOf'),
        fc.subarray(PARTS, { maxLength: 2 }),
      )
      .map(([parts, combinator, more]) => {
        for (const text of [
          `${combinator}(${parts.join(', ')}${more.length > 1 ? `, anyOf(${more.join(', ')})` : ''})`,
          `${combinator}(${parts.join(', ')})`,
        ]) {
          try {
            return parseRequirement(text);
          } catch {}
        }
        return parseRequirement(parts[0] as string);
      });
    const letters = ['A', 'B', 'C'];
    const callers = letters.flatMap((_, one) =>
      Array.from({ length: 8 }, (__, roles) => {
        const held = letters.filter((___, bit) => (roles >> bit) & 1);
        const scopes = letters.filter((___, bit) => ((one * 3 + roles) >> bit) & 1);
        return [
          testAuth({ kind: 'app', roles: held }),
          testAuth({
            kind: 'user',
            scopes: (scopes.length > 0 ? scopes : ['X']) as [string],
            roles: held,
            guest: roles % 2 === 0,
            authenticationContexts: one === 0 ? ['c1'] : [],
            claims: one === 1 ? { auth_time: Math.floor(NOW / 1000) - 60 } : {},
          }),
          testAuth({ kind: 'user', scopes: [letters[one] as string], roles: held }),
        ];
      }).flat(),
    );

    it('is never missed', { timeout: 60_000 }, () => {
      fc.assert(
        fc.property(requirements, requirements, (before, after) => {
          const gains = gained(alternativesOf(before.node, NOW), alternativesOf(after.node, NOW));
          const newcomers = callers.filter(
            (auth) =>
              evaluate(after, auth, { now: NOW }).granted && !evaluate(before, auth, { now: NOW }).granted,
          );
          return newcomers.length === 0 || gains.length > 0;
        }),
        { numRuns: 400, seed: 23 },
      );
    });

    it('is empty between a requirement and itself', { timeout: 60_000 }, () => {
      fc.assert(
        fc.property(
          requirements,
          (one) => gained(alternativesOf(one.node, NOW), alternativesOf(one.node, NOW)).length === 0,
        ),
        { numRuns: 500, seed: 23 },
      );
    });
  });
});
