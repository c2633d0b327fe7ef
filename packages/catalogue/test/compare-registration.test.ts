import { compareWithRegistration, type Drift, manifestOf, readRegistration } from '@entra-guard/catalogue';
import { describe, expect, it } from 'vitest';
import { define, ROLE, SCOPE } from '../../../test/support/orders.js';
import { ADMIN, API_ID, type Json, READ, registered, registration, WEB, WRITE } from './registered.js';

const manifest = manifestOf(registered.catalogue);
const STRANGER = '33333333-3333-4333-8333-333333333333';
const lines = (drifts: readonly Drift[]): readonly string[] =>
  drifts.map(({ kind, subject }) => `${kind} ${subject}`);

describe('a registration that is as the code says', () => {
  it.each(['clean.az', 'clean.graph', 'clean.portal'])('has no drift: %s', (name) => {
    expect(compareWithRegistration(manifest, registration(name))).toEqual([]);
  });

  it('has none either where the code has retired what is gone', () => {
    const { catalogue } = define({
      api: API_ID,
      scopes: { 'Orders.Read': SCOPE, 'Orders.Gone': { ...SCOPE, enabled: false } },
    });
    const drifts = compareWithRegistration(manifestOf(catalogue), registration('clean.az'));
    expect(lines(drifts).filter((line) => line.includes('Orders.Gone'))).toEqual([]);
  });

  it('may have an app role that is disabled on both sides', () => {
    const there = registration('clean.az');
    there.appRoles[0].isEnabled = false;
    const here = {
      ...manifest,
      appRoles: manifest.appRoles.map((role, index) => (index === 0 ? { ...role, isEnabled: false } : role)),
    };
    expect(compareWithRegistration(here, there)).toEqual([]);
  });
});

describe('a registration that drifted', () => {
  it.each<[string, string[]]>([
    [
      'drifted.az',
      [
        'token_version access token version',
        'consent_differs scope Orders.Read',
        'title_differs scope Orders.Read',
        'permission_missing scope Orders.Write',
        'permission_disabled app role Orders.Read.All',
        'members_differ app role Orders.Read.All',
        'description_differs app role Orders.Read.All',
        'permission_surplus scope user_impersonation',
        'optional_claim_missing optional claim idtyp',
        `pre_authorization_missing client ${WEB}`,
        `pre_authorization_surplus client ${STRANGER}`,
      ],
    ],
    [
      'drifted.graph',
      [
        `identifier_uri_missing identifier URI api://${API_ID}`,
        'permission_id scope Orders.Read',
        'permission_renamed scope Orders.Write',
        'permission_kind app role Orders.Admin',
        'optional_claim_missing optional claim idtyp',
        `pre_authorization_surplus client ${WEB}`,
      ],
    ],
    [
      'new.graph-list',
      [
        `identifier_uri_missing identifier URI api://${API_ID}`,
        'token_version access token version',
        'permission_missing scope Orders.Read',
        'permission_missing scope Orders.Write',
        'permission_missing app role Orders.Read.All',
        'permission_missing app role Orders.Admin',
        'optional_claim_missing optional claim idtyp',
        `pre_authorization_missing client ${WEB}`,
      ],
    ],
    ['personal-accounts.az', ['personal_account_limit app roles']],
  ])('%s', (name, expected) => {
    const drifts = compareWithRegistration(manifest, registration(name));
    expect(lines(drifts)).toEqual(expected);
    for (const drift of drifts) {
      expect(drift.code).not.toBe(drift.registration);
      expect(drift.fix).not.toBe('');
    }
  });
});

describe('each kind of drift says which side to change, and how', () => {
  it.each<[Drift['kind'], (there: Json) => void, Omit<Drift, 'kind'>]>([
    [
      'identifier_uri_missing',
      (there) => {
        there.identifierUris = null;
      },
      {
        subject: `identifier URI api://${API_ID}`,
        code: `api://${API_ID}`,
        registration: 'none',
        change: 'registration',
        fix: `Add api://${API_ID} to identifierUris. If this is not the registration of that API (it is ${API_ID}, "Orders API (not real)"), compare another one, or correct api in definePermissions.`,
      },
    ],
    [
      'token_version',
      (there) => {
        there.api.requestedAccessTokenVersion = 1;
      },
      {
        subject: 'access token version',
        code: '2',
        registration: '1',
        change: 'registration',
        fix: 'Set api.requestedAccessTokenVersion to 2. Clients get version 2 tokens when their present ones expire; other APIs are not touched.',
      },
    ],
    [
      'permission_missing',
      (there) => {
        there.api.oauth2PermissionScopes.pop();
      },
      {
        subject: 'scope Orders.Write',
        code: 'defined',
        registration: 'absent',
        change: 'registration',
        fix: `Add it, with the ID ${WRITE}: no client can ask for it before that. "entra-guard manifest" writes the steps.`,
      },
    ],
    [
      'permission_surplus',
      (there) => {
        there.appRoles.push({ id: STRANGER, value: 'Orders.Delete.All', isEnabled: true });
      },
      {
        subject: 'app role Orders.Delete.All',
        code: 'absent',
        registration: 'enabled',
        change: 'registration',
        fix: `Set isEnabled to false, and delete it in a later step. If the API needs it, add it to appRoles in definePermissions with id: '${STRANGER}'.`,
      },
    ],
    [
      'permission_surplus',
      (there) => {
        there.api.oauth2PermissionScopes.push({ id: STRANGER, value: 'user_impersonation' });
      },
      {
        subject: 'scope user_impersonation',
        code: 'absent',
        registration: 'enabled',
        change: 'registration',
        fix: `Set isEnabled to false, and delete it in a later step. If the API needs it, add it to scopes in definePermissions with id: '${STRANGER}'.`,
      },
    ],
    [
      'permission_kind',
      (there) => {
        there.appRoles.push({ ...there.api.oauth2PermissionScopes.pop(), displayName: 'W' });
      },
      {
        subject: 'scope Orders.Write',
        code: 'scope',
        registration: 'app role',
        change: 'registration',
        fix: "A value can't be both. Disable the app role Orders.Write, delete it, then add the scope; or, if the registration is right, move it to appRoles in definePermissions.",
      },
    ],
    [
      'permission_kind',
      (there) => {
        there.api.oauth2PermissionScopes.push(there.appRoles.pop());
      },
      {
        subject: 'app role Orders.Admin',
        code: 'app role',
        registration: 'scope',
        change: 'registration',
        fix: "A value can't be both. Disable the scope Orders.Admin, delete it, then add the app role; or, if the registration is right, move it to scopes in definePermissions.",
      },
    ],
    [
      'permission_id',
      (there) => {
        there.api.oauth2PermissionScopes[1].id = STRANGER;
      },
      {
        subject: 'scope Orders.Write',
        code: WRITE,
        registration: STRANGER,
        change: 'code',
        fix: `Pin it: 'Orders.Write': { id: '${STRANGER}', … } in definePermissions. Consents and assignments refer to the registration's ID, so it stays.`,
      },
    ],
    [
      'permission_renamed',
      (there) => {
        there.appRoles[1].value = 'Orders.Manage';
      },
      {
        subject: 'app role Orders.Admin',
        code: 'Orders.Admin',
        registration: 'Orders.Manage',
        change: 'registration',
        fix: `Disable Orders.Manage (${ADMIN}), then set its value to Orders.Admin: tokens hold the value, so clients and API have to change together. If the registration is right, rename it in definePermissions.`,
      },
    ],
    [
      'permission_disabled',
      (there) => {
        there.api.oauth2PermissionScopes[0].isEnabled = false;
      },
      {
        subject: 'scope Orders.Read',
        code: 'enabled',
        registration: 'disabled',
        change: 'registration',
        fix: 'Set isEnabled to true. If it is on its way out, set enabled: false in definePermissions.',
      },
    ],
    [
      'consent_differs',
      (there) => {
        there.api.oauth2PermissionScopes[1].type = 'User';
      },
      {
        subject: 'scope Orders.Write',
        code: 'Admin',
        registration: 'User',
        change: 'registration',
        fix: 'Set type to Admin. If the registration is right, change consent in definePermissions.',
      },
    ],
    [
      'members_differ',
      (there) => {
        there.appRoles[1].allowedMemberTypes = ['Application', 'User'];
      },
      {
        subject: 'app role Orders.Admin',
        code: 'User',
        registration: 'User, Application',
        change: 'registration',
        fix: 'Set allowedMemberTypes to User. If the registration is right, change for in definePermissions.',
      },
    ],
    [
      'title_differs',
      (there) => {
        there.appRoles[1].displayName = null;
      },
      {
        subject: 'app role Orders.Admin',
        code: 'Orders.Admin',
        registration: '',
        change: 'registration',
        fix: 'Set displayName to "Orders.Admin". If the registration is right, change title in definePermissions.',
      },
    ],
    [
      'description_differs',
      (there) => {
        there.api.oauth2PermissionScopes[1].adminConsentDescription = 'Write.';
      },
      {
        subject: 'scope Orders.Write',
        code: 'Place and change orders.',
        registration: 'Write.',
        change: 'registration',
        fix: 'Set adminConsentDescription to "Place and change orders.". If the registration is right, change description in definePermissions.',
      },
    ],
    [
      'optional_claim_missing',
      (there) => {
        there.optionalClaims.accessToken = [];
      },
      {
        subject: 'optional claim idtyp',
        code: 'idtyp with include_user_token',
        registration: 'absent',
        change: 'registration',
        fix: 'Add idtyp with include_user_token to optionalClaims.accessToken: requirements are judged by it.',
      },
    ],
    [
      'optional_claim_missing',
      (there) => {
        there.optionalClaims.accessToken = [{ name: 'idtyp' }];
      },
      {
        subject: 'optional claim idtyp',
        code: 'idtyp with include_user_token',
        registration: 'idtyp without include_user_token',
        change: 'registration',
        fix: 'Add idtyp with include_user_token to optionalClaims.accessToken: requirements are judged by it.',
      },
    ],
    [
      'pre_authorization_missing',
      (there) => {
        there.api.preAuthorizedApplications = [];
      },
      {
        subject: `client ${WEB}`,
        code: 'Orders.Read',
        registration: 'absent',
        change: 'registration',
        fix: `Pre-authorize ${WEB} for Orders.Read: until then its users are asked to consent.`,
      },
    ],
    [
      'pre_authorization_surplus',
      (there) => {
        there.api.preAuthorizedApplications[0].delegatedPermissionIds.push(STRANGER);
      },
      {
        subject: `client ${WEB}`,
        code: 'absent',
        registration: STRANGER,
        change: 'registration',
        fix: `Take ${STRANGER} from the pre-authorization of ${WEB}: its users are not asked for consent. If it is one of your clients, add it to preAuthorized in definePermissions, and say why.`,
      },
    ],
  ])('%s', (kind, change, expected) => {
    const there = registration('clean.az');
    change(there);
    expect(compareWithRegistration(manifest, there)).toEqual([{ kind, ...expected }]);
  });

  it('permission_not_retired', () => {
    const { api } = manifest;
    const [read, write] = api.oauth2PermissionScopes;
    const retired = {
      ...manifest,
      api: { ...api, oauth2PermissionScopes: [read, { ...write, isEnabled: false }] },
    } as typeof manifest;
    expect(compareWithRegistration(retired, registration('clean.az'))).toEqual([
      {
        kind: 'permission_not_retired',
        subject: 'scope Orders.Write',
        code: 'disabled',
        registration: 'enabled',
        change: 'registration',
        fix: 'Set isEnabled to false, so that it can no longer be granted. Callers who have it keep it until it is deleted.',
      },
    ]);
  });

  it('optional_claim_missing, where no property is needed', () => {
    const acct = { name: 'acct', source: null, essential: false, additionalProperties: [] };
    const wanting = { ...manifest, optionalClaims: { accessToken: [acct] } };
    expect(compareWithRegistration(wanting, registration('clean.az'))).toMatchObject([
      { kind: 'optional_claim_missing', code: 'acct', registration: 'absent' },
    ]);
  });

  it('identifier_uri_missing, in a registration without a name', () => {
    const there = registration('clean.az');
    there.identifierUris = ['api://other'];
    there.displayName = null;
    expect(compareWithRegistration(manifest, there)).toMatchObject([
      { registration: 'api://other', fix: expect.stringContaining(`(it is ${API_ID}), compare`) },
    ]);
  });

  it('personal_account_limit, one row for each', () => {
    const long = `Orders.${'a'.repeat(34)}`;
    const many = Object.fromEntries(
      Array.from({ length: 101 }, (_, at) => [at === 0 ? long : `S${at}`, SCOPE]),
    );
    const { catalogue } = define({ api: API_ID, scopes: many, appRoles: { R: ROLE } });
    const limits = compareWithRegistration(
      manifestOf(catalogue),
      registration('personal-accounts.az'),
    ).filter(({ kind }) => kind === 'personal_account_limit');
    const elsewhere = 'or take personal accounts off signInAudience.';
    expect(limits).toEqual([
      {
        kind: 'personal_account_limit',
        subject: `scope ${long}`,
        code: '41 characters',
        registration: 'at most 40 characters with personal accounts',
        change: 'code',
        fix: `Shorten the name, ${elsewhere}`,
      },
      {
        kind: 'personal_account_limit',
        subject: 'scopes',
        code: '101 scopes',
        registration: 'at most 100 scopes with personal accounts',
        change: 'code',
        fix: `Use fewer scopes, ${elsewhere}`,
      },
      {
        kind: 'personal_account_limit',
        subject: 'app roles',
        code: '1 app roles',
        registration: 'none with personal accounts',
        change: 'code',
        fix: `Use scopes and checks instead of app roles, ${elsewhere}`,
      },
    ]);
  });

  it('no limit of personal accounts where there is none', () => {
    const forty = { [`Orders.${'a'.repeat(33)}`]: SCOPE };
    const { catalogue } = define({ api: API_ID, scopes: forty });
    const drifts = compareWithRegistration(manifestOf(catalogue), registration('personal-accounts.az'));
    expect(lines(drifts).filter((line) => line.startsWith('personal_account_limit'))).toEqual([]);
  });
});

describe('what is not a registration is refused, with the command that exports one', () => {
  it.each<[string, unknown, string]>([
    [
      'the format of Azure AD Graph',
      registration('azure-ad-graph'),
      'the format of Azure AD Graph, which has been shut down',
    ],
    ['a manifest of the portal’s old format', { replyUrlsWithType: [] }, 'the format of Azure AD Graph'],
    ['the old word for the token version', { accessTokenAcceptedVersion: 2 }, 'the format of Azure AD Graph'],
    [
      'a service principal',
      registration('service-principal'),
      'a service principal (enterprise application)',
    ],
    ['one of another tenant', { appOwnerOrganizationId: API_ID }, 'a service principal'],
    ['an error', { error: { code: 'Authorization_RequestDenied' } }, 'holds an error'],
    ['several', [{}, {}], 'a list of 2 registrations'],
    ['none', { value: [] }, 'a list of 0 registrations'],
    ['text', 'Orders', 'This is Orders, and not an app registration'],
    ['nothing', null, 'This is null, and not an app registration'],
    ['a list in a list', [[]], 'This is an array of 0, and not an app registration'],
    ['one without an application ID', {}, "The registration's appId is undefined, which is not a GUID"],
    [
      'an api that is text',
      { appId: API_ID, api: 'x' },
      "The registration's api should be an object, and holds x.",
    ],
    [
      'an api that would steer a terminal',
      { appId: API_ID, api: `\u001b[2J\u202e\u{e0041}${'x'.repeat(300)}` },
      `and holds \\u001b[2J\\u202e\\u{e0041}${'x'.repeat(193)}….`,
    ],
    ['an api that is a list', { appId: API_ID, api: [] }, 'should be an object, and holds an array of 0.'],
    [
      'app roles that are not a list',
      { appId: API_ID, appRoles: {} },
      'appRoles should be a list, and holds an object.',
    ],
    [
      'app roles that are text',
      { appId: API_ID, appRoles: ['A'] },
      'appRoles should be a list of objects, and holds A.',
    ],
  ])('%s', (_, json, sentence) => {
    expect(() => readRegistration(json)).toThrow(
      expect.objectContaining({
        code: 'configuration_invalid',
        message: expect.stringContaining(sentence),
        hint: expect.stringContaining('az ad app show --id <client ID> > application.json'),
      }),
    );
  });
});

describe('a registration is read', () => {
  it('with what is missing as if it were empty', () => {
    expect(readRegistration({ appId: API_ID.toUpperCase(), api: { oauth2PermissionScopes: [{}] } })).toEqual({
      clientId: API_ID,
      displayName: '',
      personalAccounts: false,
      identifierUris: [],
      tokenVersion: 1,
      permissions: [
        { kind: 'scope', id: '', value: '', title: '', description: '', enabled: true, who: '', raw: {} },
      ],
      preAuthorized: [],
      accessTokenClaims: [],
      otherClaims: {},
    });
  });

  it('with the IDs in lower case, as they are compared', () => {
    const { permissions } = readRegistration(registration('clean.graph'));
    expect(permissions[0]?.id).toBe(READ);
  });
});
