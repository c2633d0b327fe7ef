import { describe, expect, it } from 'vitest';
import { B2C_TENANT, b2cClaims, b2cValidator } from '../../../../test/support/b2c.js';
import { ADA, appClaims, DAEMON, signed, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, refusalOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('delegated or app-only (SECURITY.md 6)', () => {
  it.each([
    ['a delegated token', userClaims(), 'accepted'],
    ['an app-only token', appClaims(), 'accepted'],
    ['no scope, sub unequal oid', userClaims({ scp: undefined }), 'token_kind_unknown'],
    ['an empty scope, sub unequal oid', userClaims({ scp: '' }), 'token_kind_unknown'],
    ['the scope "/", sub unequal oid', userClaims({ scp: '/' }), 'token_kind_unknown'],
    ['only spaces for a scope', userClaims({ scp: '   ' }), 'token_kind_unknown'],
    [
      'roles without a scope, sub unequal oid',
      userClaims({ scp: undefined, roles: ['Orders.Admin'] }),
      'token_kind_unknown',
    ],
    ['idtyp user with a scope', userClaims({ idtyp: 'user' }), 'accepted'],
    ['idtyp user without a scope', userClaims({ idtyp: 'user', scp: undefined }), 'token_kind_unknown'],
    ['idtyp user without a scope, sub equal oid', appClaims({ idtyp: 'user' }), 'token_kind_unknown'],
    ['idtyp app', appClaims({ idtyp: 'app' }), 'accepted'],
    ['idtyp app with the scope "/", as agents have it', appClaims({ idtyp: 'app', scp: '/' }), 'accepted'],
    ['idtyp app with an empty scope', appClaims({ idtyp: 'app', scp: '' }), 'accepted'],
    ['idtyp app with a real scope', appClaims({ idtyp: 'app', scp: 'Orders.Read' }), 'token_kind_unknown'],
    ['idtyp app, sub unequal oid', appClaims({ idtyp: 'app', sub: 'other' }), 'accepted'],
    ['idtyp device', userClaims({ idtyp: 'device' }), 'token_kind_unknown'],
    ['idtyp in capitals', appClaims({ idtyp: 'APP' }), 'token_kind_unknown'],
    ['idtyp empty', appClaims({ idtyp: '' }), 'token_kind_unknown'],
    ['app-only without oid', appClaims({ idtyp: 'app', oid: undefined }), 'token_kind_unknown'],
    ['app-only with an empty oid', appClaims({ idtyp: 'app', oid: '' }), 'token_kind_unknown'],
    ['neither sub nor oid', appClaims({ sub: undefined, oid: undefined }), 'token_kind_unknown'],
    ['sub and oid both empty', appClaims({ sub: '', oid: '' }), 'token_kind_unknown'],
    ['an object ID and no subject', userClaims({ sub: undefined }), 'accepted'],
    ['a subject and no object ID', userClaims({ oid: undefined }), 'accepted'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcomeOf(validator, signed(claims))).toBe(expected);
  });

  it.each([
    ['idtyp app with a scope', signed(appClaims({ idtyp: 'app', scp: 'A' })), 'idtyp "app" with a scope'],
    [
      'idtyp user without a scope',
      signed(userClaims({ idtyp: 'user', scp: undefined })),
      'idtyp "user" with no scope',
    ],
  ])('says what was found: %s', async (_, token, found) => {
    expect(await refusalOf(validator, token)).toMatchObject({ found });
  });

  it.each([['only openid scopes', signed(userClaims({ scp: undefined })), 'openid']])(
    'hints at the cause: %s',
    async (_, token, words) => {
      expect((await refusalOf(validator, token)).hint).toContain(words);
    },
  );
});

describe('delegated or app-only, Azure AD B2C', () => {
  it.each([
    ['a scope', b2cClaims(), 'accepted'],
    ['no scope', b2cClaims({ scp: undefined }), 'token_kind_unknown'],
    [
      'no scope, sub equal oid: not app-only in B2C',
      b2cClaims({ scp: undefined, oid: b2cClaims().sub }),
      'token_kind_unknown',
    ],
    ['a scope, and idtyp app', b2cClaims({ idtyp: 'app' }), 'token_kind_unknown'],
  ])('%s', async (_, claims, expected) => {
    expect(await outcomeOf(b2cValidator(), signed(claims))).toBe(expected);
  });

  it("a daemon's permissions stand in scp, and only daemons that are named are daemons", async () => {
    const daemon = signed(b2cClaims({ azp: DAEMON, scp: 'Orders.Read.All' }));
    const auth = await b2cValidator({ appClients: [DAEMON.toUpperCase()] }).validate(daemon);
    expect(auth).toMatchObject({ kind: 'app', clientId: DAEMON });
    expect(auth.roles.toArray()).toEqual(['Orders.Read.All']);
    expect(auth.scopes.toArray()).toEqual([]);
    expect((await b2cValidator().validate(daemon)).kind).toBe('user');
  });

  it('users without oid are told apart by tenant and subject', async () => {
    const auth = await b2cValidator().validate(signed(b2cClaims()));
    expect(auth.objectId).toBeUndefined();
    expect(auth.tenantId).toBe(B2C_TENANT);
    expect(auth.subjectKey).toBe(`${B2C_TENANT}/sub/${ADA}`);
  });
});

it.each([
  ['one', 'Orders.Read', ['Orders.Read']],
  ['several', 'Orders.Read Orders.Write profile', ['Orders.Read', 'Orders.Write', 'profile']],
  ['blanks around and between them', '  Orders.Read   profile ', ['Orders.Read', 'profile']],
  ['a slash, which grants nothing, between them', 'Orders.Read / profile', ['Orders.Read', 'profile']],
  ['a slash within a scope', '/Orders.Read a/', ['/Orders.Read', 'a/']],
  ['one letter each', 'a b', ['a', 'b']],
  ['other white space within one', 'a\tb\nc', ['a\tb\nc']],
])('the scopes of a token: %s', async (_, scp, scopes) => {
  const auth = await validator.validate(signed(userClaims({ scp })));
  expect(auth.kind).toBe('user');
  expect(auth.scopes.toArray()).toEqual(scopes);
});

it('an ID token is not taken for a token of either kind', async () => {
  expect(await outcomeOf(validator, signed(appClaims({ azp: undefined })))).toBe('not_an_access_token');
});
