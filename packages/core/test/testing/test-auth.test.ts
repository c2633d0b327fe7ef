import { afterEach, describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { AuthContext, createValidator } from '../../src/index.js';
import { type TestCaller, testAuth } from '../../src/testing/index.js';
import { configurationSentence } from '../refusals.js';

const ADA = 'aaaaaaaa-0000-1111-2222-bbbbbbbbbbbb';
const user = (more: object = {}) => testAuth({ kind: 'user', scopes: ['Orders.Read'], ...more });
const app = (more: object = {}) => testAuth({ kind: 'app', ...more });

afterEach(() => vi.unstubAllEnvs());

describe('a caller for unit tests', () => {
  it('is of the very class that the validator gives, with the same members', async () => {
    const real = await createValidator(contoso()).validate(signed(userClaims()));
    const auth = user();
    expect(auth).toBeInstanceOf(AuthContext);
    expect(auth.constructor).toBe(real.constructor);
    expect(Object.keys(auth)).toEqual(Object.keys(real));
  });

  it('is what was said of it', () => {
    const auth = testAuth({
      kind: 'user',
      scopes: ['Orders.Read', 'Orders.Write'],
      roles: ['Orders.Admin'],
      tenantId: 'AAAABBBB-0000-CCCC-1111-DDDD2222EEEE',
      objectId: ADA.toUpperCase(),
      clientId: '11112222-bbbb-3333-cccc-4444dddd5555',
      groups: ['33334444-0000-cccc-1111-dddd2222eeee'],
      guest: true,
      authenticationContexts: ['C1'],
      expiresAt: new Date(1_790_000_001_999),
      tokenId: 'this-one',
      claims: { auth_time: 1_790_000_000, xms_act_fct: '11' },
    });
    expect(JSON.parse(JSON.stringify(auth))).toMatchObject({
      kind: 'user',
      scopes: ['Orders.Read', 'Orders.Write'],
      roles: ['Orders.Admin'],
      tenantId: 'aaaabbbb-0000-cccc-1111-dddd2222eeee',
      objectId: ADA,
      clientId: '11112222-bbbb-3333-cccc-4444dddd5555',
      subjectKey: `aaaabbbb-0000-cccc-1111-dddd2222eeee/${ADA}`,
      groups: ['33334444-0000-cccc-1111-dddd2222eeee'],
      guest: true,
      agent: { actor: true },
      authenticationContexts: ['c1'],
      expiresAt: 1_790_000_001_000,
      tokenId: 'this-one',
      claims: {
        scp: 'Orders.Read Orders.Write',
        roles: ['Orders.Admin'],
        auth_time: 1_790_000_000,
        idtyp: 'user',
      },
    });
  });

  it('is obviously not a real person where nothing is said, and the same in every run', () => {
    expect(JSON.parse(JSON.stringify(user()))).toEqual({
      kind: 'user',
      issuer: 'https://login.entra-guard.invalid/7e577e57-7e57-4e57-8e57-000000000001/v2.0',
      tenantId: '7e577e57-7e57-4e57-8e57-000000000001',
      objectId: '7e577e57-7e57-4e57-8e57-000000000004',
      clientId: '7e577e57-7e57-4e57-8e57-000000000003',
      subjectKey: '7e577e57-7e57-4e57-8e57-000000000001/7e577e57-7e57-4e57-8e57-000000000004',
      scopes: ['Orders.Read'],
      roles: [],
      groups: [],
      authenticationContexts: [],
      expiresAt: Date.UTC(2100, 0),
      tokenId: 'no-token',
      claims: expect.objectContaining({ ver: '2.0', iat: Date.UTC(2000, 0) / 1000 }),
    });
    expect(app()).toMatchObject({ kind: 'app', objectId: '7e577e57-7e57-4e57-8e57-000000000005' });
    expect(app().claims.sub).toBe(app().objectId);
    expect(user().claims.sub).not.toBe(user({ objectId: ADA }).claims.sub);
  });

  it('is an app with permissions, which are not user roles', () => {
    const auth = testAuth({ kind: 'app', roles: ['Orders.Read.All'] });
    expect(auth).toMatchObject({ kind: 'app' });
    expect(auth.roles.has('Orders.Read.All')).toBe(true);
    expect(auth.scopes.size).toBe(0);
  });

  it.each<[string, TestCaller, Partial<AuthContext>]>([
    ['a guest', { kind: 'user', scopes: ['A'], guest: true }, { guest: true }],
    ['a member', { kind: 'user', scopes: ['A'], guest: false }, { guest: false }],
    ['one whose token does not say', { kind: 'user', scopes: ['A'] }, { guest: undefined }],
    [
      'in too many groups for a token',
      { kind: 'user', scopes: ['A'], groups: 'overage' },
      { groups: 'overage' },
    ],
  ])('may be %s', (_, caller, expected) => {
    expect(testAuth(caller)).toMatchObject(expected);
  });

  it('has its client where a token of its version has it', () => {
    expect(app({ claims: { ver: '1.0' } }).claims).toMatchObject({ appid: app().clientId });
    expect(app({ claims: { ver: '1.0' } }).claims.azp).toBeUndefined();
    expect(app().claims).toMatchObject({ azp: app().clientId });
  });

  it('without an object ID is told by its subject, which the tenant makes unique', () => {
    const auth = user({ objectId: null, claims: { sub: 'Ada/1', iss: 'https://contoso.example/' } });
    expect(auth.objectId).toBeUndefined();
    expect(auth.subjectKey).toBe(`${auth.tenantId}/sub/Ada%2F1`);
    expect(user({ objectId: null }).claims.sub).toBe('subject-of-user-without-oid');
  });

  it('can not be changed, and does not change with what it was made of', () => {
    const scopes: [string] = ['Orders.Read'];
    const nested = { list: ['a'] };
    const auth = testAuth({ kind: 'user', scopes, claims: { nested } });
    scopes.push('Orders.Write');
    nested.list.push('b');
    expect(auth.scopes.toArray()).toEqual(['Orders.Read']);
    expect(auth.claims.nested).toEqual({ list: ['a'] });
    expect(() => Object.assign(auth, { kind: 'app' })).toThrow(TypeError);
    expect(() => Object.assign(auth.claims, { scp: 'x' })).toThrow(TypeError);
    expect(() => (auth.claims.nested as typeof nested).list.push('c')).toThrow(TypeError);
    expect(auth.scopes).not.toHaveProperty('add');
    expect(Object.isFrozen(auth.scopes)).toBe(true);
    expect(Object.isFrozen(auth.roles)).toBe(true);
  });

  it('does not exist in production', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(configurationSentence(user)).toMatch(/testAuth\(\.\.\.\).*NODE_ENV is "production".*tests/);
  });
});

describe('a caller for which Entra issues no token is refused:', () => {
  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  let deep: object = {};
  for (let level = 0; level < 40; level++) deep = { deep };

  it.each<[string, unknown, RegExp]>([
    ['nothing', undefined, /testAuth was given undefined.*kind: 'user'/],
    ['null', null, /testAuth was given null/],
    ['no kind', {}, /kind: undefined.*'user'.*'app'/],
    ['another kind', { kind: 'agent' }, /kind: agent.*'user'.*'app'/],
    ['a user without a scope', { kind: 'user' }, /"user" with no scope.*scopes: \['Orders.Read'\]/],
    ['a user with roles only', { kind: 'user', scopes: [], roles: ['A'] }, /"user" with no scope/],
    [
      'an app with a scope',
      { kind: 'app', scopes: ['A'] },
      /"app" with a scope.*roles: \['Orders.Read.All'\]/,
    ],
    [
      'an app without an object ID',
      { kind: 'app', objectId: null },
      /(neither a subject|without an object ID)/,
    ],
    [
      'an app with a subject and no object ID',
      { kind: 'app', objectId: null, claims: { sub: 'job' } },
      /app-only token without an object ID/,
    ],
    [
      'no caller at all',
      { kind: 'user', scopes: ['A'], objectId: null, claims: { sub: '' } },
      /neither a subject/,
    ],
    [
      'an unset object ID',
      { kind: 'user', scopes: ['A'], objectId: undefined },
      /objectId: undefined.*Leave it out/,
    ],
    [
      'an empty object ID',
      { kind: 'user', scopes: ['A'], objectId: '' },
      /objectId: '', which is not a GUID/,
    ],
    [
      'a name for an object ID',
      { kind: 'user', scopes: ['A'], objectId: 'ada' },
      /objectId: ada, which is not a GUID/,
    ],
    ['a name for a tenant', { kind: 'app', tenantId: 'contoso' }, /tenantId: contoso, which is not a GUID/],
    ['no tenant', { kind: 'app', tenantId: null }, /tenantId: null.*Leave it out/],
    ['a name for a client', { kind: 'app', clientId: 'spa' }, /clientId: spa, which is not a GUID/],
    ['two scopes in one', { kind: 'user', scopes: ['A B'] }, /scopes that no token holds.*white space/],
    [
      'a scope in full',
      { kind: 'user', scopes: ['api://orders/A'] },
      /scopes that no token holds.*short name/,
    ],
    [
      'a wildcard',
      { kind: 'app', roles: ['Orders.*'] },
      /roles that no token holds.*appPermissions.*wildcards/,
    ],
    [
      'an unset role',
      { kind: 'user', scopes: ['A'], roles: ['B', undefined] },
      /roles that no token holds.*userRoles/,
    ],
    ['a string for scopes', { kind: 'user', scopes: 'A' }, /scopes: A.*Give a list/],
    ['a string for groups', { kind: 'app', groups: 'admins' }, /groups: admins.*'overage'/],
    ['numbers for groups', { kind: 'app', groups: [1] }, /claim groups/],
    ['a guest in words', { kind: 'user', scopes: ['A'], guest: 'yes' }, /guest: yes.*true or false/],
    ['an end that is not a time', { kind: 'app', expiresAt: Number.NaN }, /expiresAt: NaN.*milliseconds/],
    ['an end in words', { kind: 'app', expiresAt: 'soon' }, /expiresAt: soon/],
    ['an end that is an invalid Date', { kind: 'app', expiresAt: new Date('soon') }, /an invalid Date/],
    ['a member that is none', { kind: 'app', role: ['A'] }, /member of a test caller called 'role'.*'roles'/],
    ['a claim with a member of its own', { kind: 'app', claims: { oid: ADA } }, /claim oid.*objectId/],
    ['claims that are none', { kind: 'app', claims: 'scp' }, /claims: scp/],
    ['claims that are null', { kind: 'app', claims: null }, /claims: null.*Leave it out/],
    ['claims of another type', { kind: 'app', claims: { xms_cc: 'cp1' } }, /claim xms_cc.*list of strings/],
    ['claims that are not JSON', { kind: 'app', claims: cyclic }, /not JSON/],
    ['claims too deep', { kind: 'app', claims: deep }, /32 levels/],
    ['a token bound to a key', { kind: 'app', claims: { cnf: {} } }, /key binding/],
    ['no issuer', { kind: 'app', claims: { iss: null } }, /issuer/],
  ])('%s', (_, caller, sentence) => {
    expect(configurationSentence(() => testAuth(caller as TestCaller))).toMatch(sentence);
  });
});
