import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as moved from '@entra-guard/passport';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { moveSource } from '../../../packages/codemod/src/passport-azure-ad/move-source.js';

// What the command makes of an application has to run on the real strategy, and what it leaves to people has to need them.

beforeAll(() => void vi.spyOn(console, 'warn').mockReturnValue());
afterAll(() => void vi.restoreAllMocks());

const TENANT = 'ccccdddd-2222-eeee-3333-ffff4444aaaa';
const CLIENT = '00001111-aaaa-2222-bbbb-3333cccc4444';
const SAMPLE_CONFIG = {
  metadata: {
    authority: 'login.microsoftonline.com',
    version: 'v2.0',
    discovery: '.well-known/openid-configuration',
  },
  credentials: { tenantID: TENANT, clientID: CLIENT, audience: CLIENT },
  settings: { validateIssuer: true, passReqToCallback: true, loggingLevel: 'warn', loggingNoPII: true },
  resource: { scope: ['access_as_user'] },
};
const ENVIRONMENT = { TENANT, TENANT_ID: TENANT, CLIENT_ID: CLIENT, AUDIENCE: 'api://orders' };

type Constructor = new (...args: never[]) => object;

/** As of @nestjs/passport, as far as constructors go. */
const nest = {
  AuthGuard: () => class {},
  PassportStrategy: (Base: Constructor) =>
    class extends Base {
      constructor(...args: unknown[]) {
        super(...([...args, () => {}] as never[]));
      }
    },
};

/** Runs a module of CommonJS with these modules around it, and gives what it exports. */
function load(code: string, modules: Readonly<Record<string, unknown>>): unknown {
  const module = { exports: {} as unknown };
  const passport = { use: () => {}, authenticate: () => () => {} };
  const all: Readonly<Record<string, unknown>> = {
    passport,
    '@entra-guard/passport': moved,
    '@nestjs/passport': nest,
    ...modules,
  };
  const require = (name: string): unknown => {
    if (Object.hasOwn(all, name)) return all[name];
    throw new Error(`${name} is asked for, and is not there.`);
  };
  new Function('require', 'module', 'exports', 'process', code)(require, module, module.exports, {
    env: ENVIRONMENT,
  });
  return module.exports;
}

const pattern = (name: string): string =>
  moveSource(
    'app.cjs',
    readFileSync(
      join(import.meta.dirname, `../../../packages/codemod/test/fixtures/patterns/${name}/cjs.before`),
      'utf8',
    ),
  ).text;

it('the new module has every name that imports are moved for', () => {
  const read = (path: string) => readFileSync(join(import.meta.dirname, '../../../packages', path), 'utf8');
  const names = [...read('codemod/src/passport-azure-ad/modules.ts').matchAll(/^ {2}'(\w+)',$/gm)].map(
    ([, name]) => name,
  );
  expect(names).toContain('BearerStrategy');
  const report = read('passport/etc/passport.api.md');
  for (const name of names)
    expect(report).toMatch(new RegExp(`^export (class|interface|type) ${name}\\b`, 'm'));
});

describe('an application that was moved', () => {
  it.each<[string, Record<string, unknown>]>([
    ['todo-list-api', { './authConfig': SAMPLE_CONFIG }],
    ['route-guard', { './config': SAMPLE_CONFIG }],
    ['version-1', {}],
    ['functions-v1-tokens', {}],
  ])('starts: %s', (name, modules) => {
    expect(() => load(pattern(name), modules)).not.toThrow();
  });

  it('starts: any-tenant', () => {
    const make = load(pattern('any-tenant'), {}) as (...args: string[]) => unknown;
    expect(make(CLIENT, 'api://orders', 'warn')).toBeInstanceOf(moved.BearerStrategy);
  });

  it('starts: nest-minimal', () => {
    const code = `${pattern('nest-minimal')}\nmodule.exports = AzureADStrategy;`;
    const Strategy = load(code, {}) as Constructor;
    expect(new Strategy()).toBeInstanceOf(moved.BearerStrategy);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['no-client-id', {}, 'clientID'],
    ['nest-typed', {}, 'clockSkew'],
    [
      'b2c',
      { './config': { tenant: 'contoso', policy: 'B2C_1_signin', clientID: CLIENT, proxy: {} } },
      'proxy',
    ],
  ])('does not start before what is left to people is done: %s', (name, modules, option) => {
    const config = { get: (key: string) => (key.endsWith('Id') ? CLIENT : METADATA) };
    expect(() => {
      const exported = load(pattern(name), modules);
      if (typeof exported === 'function') Reflect.construct(exported, [config]);
    }).toThrow(option);
  });
});

const METADATA = `https://login.microsoftonline.com/${TENANT}/v2.0/.well-known/openid-configuration`;

describe('what the command says of an option agrees with the strategy', () => {
  const strategy = (options: string): string => `new BearerStrategy({ ${options} }, () => {})`;
  const base = `identityMetadata: '${METADATA}', clientID: '${CLIENT}'`;
  it.each([
    base,
    `${base}, ignoreExpiration: true`,
    `${base}, ignoreExpiration: false`,
    `${base}, proxy: { host: 'proxy', port: '8080', protocol: 'http' }`,
    `${base}, proxy: undefined`,
    `${base}, allowMultiAudiencesInToken: true`,
    ...['isB2C', 'validateIssuer', 'loggingNoPII', 'passReqToCallback'].flatMap((name) => [
      `${base}, ${name}: 'false'`,
      `${base}, ${name}: 'true'`,
      `${base}, ${name}: false`,
    ]),
    `${base}, validateIssuer: true, loggingNoPII: true, passReqToCallback: true`,
    ...["'300'", '0', '60', '300', '301', '86400'].map((seconds) => `${base}, clockSkew: ${seconds}`),
    `${base}, scope: ['Orders.Read']`,
    `${base}, scope: ['Orders.Read', 'api://orders/Orders.Write']`,
    ...["'Orders.Read'", '[]', "['Orders.Read', 'Orders.Write']", 'undefined'].map(
      (scope) => `${base}, scope: ${scope}`,
    ),
    ...['[]', "['']", '[undefined]', "'api://orders'", 'undefined'].map(
      (audience) => `${base}, audience: ${audience}`,
    ),
    ...[
      "'https://contoso.example/'",
      "['']",
      "''",
      '[]',
      `['https://sts.windows.net/${TENANT}/', 'https://contoso.example/']`,
    ].map((issuer) => `${base}, issuer: ${issuer}`),
    `${base}, validateIssuer: 0`,
    `${base}, isB2C: 1`,
    `${base}, isB2C: true`,
    `${base}, isB2C: true, policyName: 'signin'`,
    `${base.replace('login.microsoftonline.com', 'contoso.b2clogin.com')}, isB2C: true, policyName: 'B2C_1A_signin'`,
    ...["'contoso.onmicrosoft.com'", "''", "'ftp://login.microsoftonline.com/'", "'https://'"].map(
      (url) => `identityMetadata: ${url}, clientID: '${CLIENT}'`,
    ),
    `${base}, audience: ['api://orders']`,
    ...['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'verbose', ''].map(
      (level) => `${base}, loggingLevel: '${level}'`,
    ),
    `${base}, clientSecret: 'x', responseType: 'code', policyName: ''`,
    `identityMetadata: '${METADATA}'`,
    ...['orders', '-', `${CLIENT} `, `api://${CLIENT}`].map(
      (id) => `identityMetadata: '${METADATA}', clientID: '${id}'`,
    ),
    ...[
      `${METADATA}/`,
      `${METADATA}?appid=${CLIENT}`,
      METADATA.replace('openid-', 'openid_'),
      METADATA.replace(TENANT, 'contoso.onmicrosoft.com'),
      METADATA.replace('/v2.0', ''),
      METADATA.replace(TENANT, 'common'),
      METADATA.replace(TENANT, 'organizations'),
      METADATA.replace(TENANT, 'consumers'),
    ].flatMap((url) => [
      `identityMetadata: '${url}', clientID: '${CLIENT}'`,
      `identityMetadata: '${url}', clientID: '${CLIENT}', tenants: ['${TENANT}']`,
      `identityMetadata: '${url}', clientID: '${CLIENT}', validateIssuer: false`,
      `identityMetadata: '${url}', clientID: '${CLIENT}', issuer: 'https://sts.windows.net/${TENANT}/'`,
    ]),
  ])('%s', (options) => {
    const { text, findings } = moveSource(
      'app.js',
      `const { BearerStrategy } = require('passport-azure-ad');\n${strategy(options)}`,
    );
    const left = findings.filter(({ level }) => level === 'by-hand');
    const start = (): unknown => load(text, {});
    if (left.length === 0) expect(start).not.toThrow();
    else expect(start).toThrow('In BearerStrategy constructor: ');
  });
});
