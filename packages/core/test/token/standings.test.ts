import { expect, it } from 'vitest';
import type { Trust } from '../../src/keys/authority.js';
import { Grounds } from '../../src/keys/grounds.js';
import { type Standing, Standings } from '../../src/token/standings.js';
import { NOW } from '../contoso.js';

const header = { alg: 'RS256', kid: 'contoso-1' };
const claims = (tenant: number): Record<string, unknown> => ({ iss: `https://sts.windows.net/${tenant}/` });
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
