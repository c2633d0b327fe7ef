import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../../src/base/json-object.js';
import type { IssuerClaims } from '../../../src/keys/accepted-issuers.js';
import type { Trust } from '../../../src/keys/authority.js';
import { Grounds } from '../../../src/keys/documents/grounds.js';
import { KnownRoutes, type TrustedKeys } from '../../../src/token/memory/known-routes.js';

const claims = (tenant: number): IssuerClaims => ({
  iss: `https://sts.windows.net/${tenant}/`,
  tid: String(tenant),
  policy: undefined,
});
const trusted = (): TrustedKeys => ({ trust: { grounds: new Grounds() } as unknown as Trust, serving: [] });
const HEADER = { alg: 'RS256', kid: 'contoso-1' };

/** Keys of one authority, found for tokens that begin with a text. */
const found = (routes: KnownRoutes<string>, text: string, whose: IssuerClaims, owner = 'contoso') => {
  const header = routes.headerOf(`${text}.payload.signature`, text.length);
  return header && routes.find(header, whose, owner);
};

describe('headers of verified tokens', () => {
  const headerOf = (routes: KnownRoutes<string>, text: string): JsonObject | undefined =>
    routes.headerOf(`${text}.payload.signature`, text.length);
  const keep = (routes: KnownRoutes<string>, text: string, header: JsonObject, tenant = 1): void =>
    routes.keep(text, header, claims(tenant), 'contoso', trusted());

  it('are known by their exact text', () => {
    const routes = new KnownRoutes<string>();
    keep(routes, 'eyJhbGciOiJSUzI1NiJ9', HEADER);
    keep(routes, 'eyJhbGciOiJSUzI1NiJ9', { ...HEADER }, 2);
    expect(headerOf(routes, 'eyJhbGciOiJSUzI1NiJ9')).toBe(HEADER);
    for (const other of ['eyJhbGciOiJSUzI1NiJ8', 'eyJhbGciOiJSUzI1NiJ', 'eyJhbGciOiJSUzI1NiJ9A', '']) {
      expect(headerOf(routes, other)).toBeUndefined();
    }
    expect(headerOf(routes, 'eyJhbGciOiJSUzI1NiJ9')).toBe(HEADER);
  });

  it('of several keys are told from each other, in whatever order they come', () => {
    const routes = new KnownRoutes<string>();
    const headers = { 'header-one': { kid: 'one' }, 'header-two': { kid: 'two' } } as const;
    for (const [text, header] of Object.entries(headers)) keep(routes, text, header);
    for (const text of ['header-one', 'header-two', 'header-one'] as const) {
      expect(headerOf(routes, text)).toBe(headers[text]);
    }
  });

  it('are at most a thousand: memory is bounded', () => {
    const routes = new KnownRoutes<string>();
    for (let index = 0; index < 1000; index++) keep(routes, `header-${index}`, {});
    expect(headerOf(routes, 'header-0')).toBeDefined();
    keep(routes, 'header-1000', {});
    expect(headerOf(routes, 'header-0')).toBeUndefined();
    expect(headerOf(routes, 'header-1000')).toBeDefined();
  });
});

describe('the route of verified tokens', () => {
  it('is found by header, issuer, tenant, policy and authority, each of them', () => {
    const routes = new KnownRoutes<string>();
    const seen = { ...claims(1), policy: 'b2c_1_sign_in' };
    const keys = trusted();
    expect(found(routes, 'one', seen)).toBeUndefined();
    routes.keep('one', HEADER, seen, 'contoso', keys);
    routes.keep('two', { ...HEADER }, claims(2), 'contoso', trusted());
    // Once where it is not the latest, once where it is.
    for (let time = 1; time <= 2; time++) expect(found(routes, 'one', { ...seen })).toBe(keys);
    for (const other of [
      { iss: 'other' },
      { tid: 'other' },
      { tid: undefined },
      { policy: 'b2c_1_weaker' },
    ]) {
      expect(found(routes, 'one', { ...seen, ...other })).toBeUndefined();
    }
    expect(found(routes, 'two', seen)).toBeUndefined();
    expect(found(routes, 'one', seen, 'fabrikam')).toBeUndefined();
    expect(routes.find({ ...HEADER }, seen, 'contoso')).toBeUndefined();
  });

  it('is the latest that was kept, and the latest that was found', () => {
    const routes = new KnownRoutes<string>();
    const [old, one, two] = [trusted(), trusted(), trusted()];
    routes.keep('one', HEADER, claims(1), 'contoso', old);
    routes.keep('one', HEADER, claims(1), 'contoso', one);
    routes.keep('one', HEADER, claims(2), 'contoso', two);
    for (let time = 1; time <= 2; time++) {
      expect(found(routes, 'one', claims(1))).toBe(one);
      expect(found(routes, 'one', claims(2))).toBe(two);
    }
  });

  it('is kept for each authority that shares an issuer', () => {
    const routes = new KnownRoutes<string>();
    const [ours, theirs] = [trusted(), trusted()];
    routes.keep('one', HEADER, claims(1), 'contoso', ours);
    routes.keep('one', HEADER, claims(1), 'fabrikam', theirs);
    expect([found(routes, 'one', claims(1)), found(routes, 'one', claims(1), 'fabrikam')]).toEqual([
      ours,
      theirs,
    ]);
  });

  it('is one of at most four thousand: memory is bounded', () => {
    const routes = new KnownRoutes<string>();
    for (let tenant = 0; tenant < 4096; tenant++)
      routes.keep('one', HEADER, claims(tenant), 'contoso', trusted());
    routes.keep('one', HEADER, claims(1), 'contoso', trusted());
    expect(found(routes, 'one', claims(0))).toBeDefined();
    routes.keep('one', HEADER, claims(4096), 'contoso', trusted());
    expect(found(routes, 'one', claims(0))).toBeUndefined();
  });

  it('is gone once they are cleared', () => {
    const routes = new KnownRoutes<string>();
    routes.keep('one', HEADER, claims(0), 'contoso', trusted());
    routes.clear();
    expect(found(routes, 'one', claims(0))).toBeUndefined();
  });
});
