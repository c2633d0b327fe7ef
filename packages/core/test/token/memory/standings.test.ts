import { expect, it } from 'vitest';
import type { IssuerClaims, Trust } from '../../../src/keys/authority.js';
import { Grounds } from '../../../src/keys/documents/grounds.js';
import { type Standing, Standings } from '../../../src/token/memory/standings.js';
import { NOW } from '../../contoso.js';

const header = { alg: 'RS256', kid: 'contoso-1' };
const claims = (tenant: number): IssuerClaims => ({
  iss: `https://sts.windows.net/${tenant}/`,
  tid: String(tenant),
  policy: undefined,
});
const standing = (): Standing => ({ trust: { grounds: new Grounds() } as unknown as Trust, serving: [] });

it('of more than four thousand tenants no standing is kept for ever: memory is bounded', () => {
  const standings = new Standings();
  for (let tenant = 0; tenant < 4096; tenant++) standings.keep(header, claims(tenant), standing());
  standings.keep(header, claims(1), standing());
  expect(standings.find(header, claims(0), NOW)).toBeDefined();
  standings.keep(header, claims(4096), standing());
  expect(standings.find(header, claims(0), NOW)).toBeUndefined();
  expect(standings.find(header, claims(4096), NOW)).toBeDefined();
});

it('none is kept once they are cleared', () => {
  const standings = new Standings();
  standings.keep(header, claims(0), standing());
  standings.clear();
  expect(standings.find(header, claims(0), NOW)).toBeUndefined();
});

it('what was seen last is told by its header, issuer, tenant and policy, each of them', () => {
  const standings = new Standings();
  const seen = { ...claims(1), policy: 'b2c_1_sign_in' };
  expect(standings.haveJustSeen(header, seen)).toBe(false);
  standings.keep(header, seen, standing());
  expect(standings.haveJustSeen(header, { ...seen })).toBe(true);
  for (const other of [{ iss: 'other' }, { tid: 'other' }, { tid: undefined }, { policy: 'b2c_1_weaker' }]) {
    expect(standings.haveJustSeen(header, { ...seen, ...other })).toBe(false);
  }
  expect(standings.haveJustSeen({ ...header }, seen)).toBe(false);
  standings.clear();
  expect(standings.haveJustSeen(header, seen)).toBe(false);
});

it('the latest of several is the one that was found last', () => {
  const standings = new Standings();
  const [one, two] = [standing(), standing()];
  standings.keep(header, claims(1), one);
  standings.keep(header, claims(2), two);
  expect(standings.find(header, claims(1), NOW)).toBe(one);
  expect(standings.haveJustSeen(header, claims(1))).toBe(true);
  expect(standings.haveJustSeen(header, claims(2))).toBe(false);
  expect(standings.find(header, claims(2), NOW)).toBe(two);
});
