import { expect, it } from 'vitest';
import { BoundedMap } from '../src/bounded-map.js';
import { Tenants } from '../src/directory/tenants.js';
import { Sessions } from '../src/endpoints/sessions.js';

it('evicts the entry that was used least recently', () => {
  const map = new BoundedMap<string, number>(2);
  map.set('a', 1);
  map.set('b', 2);
  expect(map.get('a')).toBe(1);
  map.set('c', 3);
  expect(map.get('b')).toBeUndefined();
  expect([map.get('a'), map.get('c')]).toEqual([1, 3]);
  map.set('a', 4);
  expect(map.get('c')).toBe(3);
});

it('keeps refresh tokens that are in use', () => {
  const sessions = new Sessions();
  const tenants = new Tenants(undefined);
  const grant = {
    clientId: 'client',
    person: { name: 'ada', oid: '', displayName: '', givenName: '', familyName: '', upn: '' },
    tenant: tenants.home,
    scope: '',
    claims: undefined,
    signedInAt: 0,
    signIn: { ended: false },
  };
  const first = sessions.addRefreshToken(grant, 0, false);
  const second = sessions.addRefreshToken(grant, 0, false);
  for (let count = 0; count < 5000; count++) {
    expect(sessions.findRefreshToken(first)?.grant).toBe(grant);
    sessions.addRefreshToken(grant, 0, false);
  }
  expect(sessions.findRefreshToken(first)?.grant).toBe(grant);
  expect(sessions.findRefreshToken(second)).toBeUndefined();
});

it('never evicts a declared tenant, whatever tenant names URLs contain', () => {
  const tenants = new Tenants(undefined);
  const { home } = tenants;
  const made = tenants.named('fabrikam');
  for (let count = 0; count < 2000; count++) tenants.named(`junk-${count}`);
  expect(tenants.named(home.id)).toBe(home);
  expect(tenants.named('fabrikam')).toEqual(made);
  expect(tenants.named('fabrikam')).not.toBe(made);
});
