import {
  type ApplicationManifest,
  compareWithRegistration,
  type ManifestStep,
  manifestOf,
  manifestSteps,
} from '@entra-guard/catalogue';
import { describe, expect, it } from 'vitest';
import { define, ROLE, SCOPE } from '../../../test/support/orders.js';
import { patched } from './graph.js';
import { ADMIN, API_ID, type Json, READ, registered, registration, WEB, WRITE } from './registered.js';

const manifest = manifestOf(registered.catalogue);
const OLD = '33333333-3333-4333-8333-333333333333';
const MAIN = 'Write identifier URI, token version, permissions and optional claims';
const titles = (steps: readonly ManifestStep[]): readonly string[] => steps.map(({ title }) => title);
const steps = (application: Json, wanted: ApplicationManifest = manifest): readonly ManifestStep[] =>
  manifestSteps(wanted, { application });
const applied = (application: Json, wanted: ApplicationManifest = manifest): Json => {
  const one = application.value?.[0] ?? application;
  return steps(application, wanted).reduce(patched, {
    ...one,
    appRoles: one.appRoles.map(({ origin: _, ...role }: Json) => role),
  });
};

/** Each way in which a registration can be wrong, and the steps that put it right. */
const wrong: readonly (readonly [string, (there: Json) => void, readonly string[]])[] = [
  ['nothing', () => {}, [MAIN, 'Pre-authorize the clients']],
  [
    'a permission too many',
    (there) => {
      there.api.oauth2PermissionScopes.push({ id: OLD, value: 'Orders.Old', isEnabled: true });
    },
    [
      `${MAIN}; disable the scope Orders.Old`,
      'Pre-authorize the clients',
      'Delete the scope Orders.Old, when no client uses it any more',
    ],
  ],
  [
    'permissions too many, one of them without a value, one disabled already',
    (there) => {
      there.appRoles.push({ id: OLD, value: null, isEnabled: true });
      there.appRoles.push({ id: WEB, value: 'Gone', isEnabled: false });
    },
    [
      `${MAIN}; disable the app role ${OLD}`,
      'Pre-authorize the clients',
      `Delete the app role ${OLD}, the app role Gone, when no client uses them any more`,
    ],
  ],
  [
    'a permission too many that a client has without asking',
    (there) => {
      there.api.oauth2PermissionScopes.push({ id: OLD, value: 'Orders.Old', isEnabled: true });
      there.api.preAuthorizedApplications[0].delegatedPermissionIds.push(OLD);
    },
    [
      `${MAIN}; disable the scope Orders.Old`,
      'Pre-authorize the clients',
      'Delete the scope Orders.Old, when no client uses it any more',
    ],
  ],
  [
    'a scope that has to be an app role',
    (there) => {
      const [role] = there.appRoles.splice(1, 1);
      there.api.oauth2PermissionScopes.push({ ...role, id: OLD });
    },
    [
      "Disable the scope Orders.Admin, which can't be changed while enabled",
      `${MAIN}; replace the scope Orders.Admin`,
      'Pre-authorize the clients',
    ],
  ],
  [
    'a scope that has to be an app role, and that clients have without asking',
    (there) => {
      const [role] = there.appRoles.splice(1, 1);
      there.api.oauth2PermissionScopes.push({ ...role, id: OLD });
      there.api.preAuthorizedApplications[0].delegatedPermissionIds.push(OLD);
      there.api.preAuthorizedApplications.push({ appId: OLD, delegatedPermissionIds: [OLD] });
    },
    [
      "Disable the scope Orders.Admin, which can't be changed while enabled",
      'Take the scope Orders.Admin from the pre-authorized clients',
      `${MAIN}; replace the scope Orders.Admin`,
      'Pre-authorize the clients',
    ],
  ],
  [
    'an app role that has to be a scope, disabled already',
    (there) => {
      const [scope] = there.api.oauth2PermissionScopes.splice(1, 1);
      there.appRoles.push({ ...scope, id: OLD, isEnabled: false });
    },
    [`${MAIN}; replace the app role Orders.Write`, 'Pre-authorize the clients'],
  ],
  [
    'another name',
    (there) => {
      there.api.oauth2PermissionScopes[1].value = 'Orders.Change';
    },
    [
      "Disable the scope Orders.Change, which can't be changed while enabled",
      MAIN,
      'Pre-authorize the clients',
    ],
  ],
  [
    'another text, and no client pre-authorized',
    (there) => {
      there.appRoles[1].description = 'Manage.';
      there.api.preAuthorizedApplications = [];
      there.optionalClaims = null;
    },
    [MAIN, 'Pre-authorize the clients'],
  ],
];

describe('the steps to a registration that is as the code says', () => {
  it.each(wrong)('from one with %s, in the order of Entra', (_, change, expected) => {
    const there = registration('clean.az');
    change(there);
    expect(titles(steps(there))).toEqual(expected);
    expect(compareWithRegistration(manifest, applied(there))).toEqual([]);
  });

  it.each(['clean.az', 'clean.graph', 'drifted.az', 'new.graph-list'])(
    'leave no drift behind: %s',
    (name) => {
      expect(compareWithRegistration(manifest, applied(registration(name)))).toEqual([]);
    },
  );

  it('keep the IDs that the registration has, and pre-authorize by them', () => {
    const after = applied(registration('drifted.graph'));
    expect(compareWithRegistration(manifest, after).map(({ kind }) => kind)).toEqual(['permission_id']);
    const { id } = after.api.oauth2PermissionScopes.find(({ value }: Json) => value === 'Orders.Read');
    expect(id).toBe('aaaaaaaa-0000-4000-8000-0000000000ff');
    expect(after.api.preAuthorizedApplications).toEqual([{ appId: WEB, delegatedPermissionIds: [id] }]);
  });

  it('delete last, and nothing else with it', () => {
    const there = registration('clean.az');
    there.appRoles.push({ id: OLD, value: 'Orders.Old', isEnabled: true });
    const list = steps(there);
    const beforeLast = list.slice(0, -1).reduce(patched, registration('clean.az'));
    expect(beforeLast.appRoles.map(({ value, isEnabled }: Json) => [value, isEnabled])).toEqual([
      ['Orders.Read.All', true],
      ['Orders.Admin', true],
      ['Orders.Old', false],
    ]);
    expect(list.map(({ deletes }) => deletes)).toEqual([false, false, true]);
    expect(list.at(-1)?.body).toEqual({
      api: { oauth2PermissionScopes: manifest.api.oauth2PermissionScopes },
      appRoles: manifest.appRoles,
    });
  });

  it('keep what the code does not decide: other URIs, other claims', () => {
    const there = registration('clean.az');
    there.identifierUris.push('https://contoso.example/orders');
    there.optionalClaims = {
      idToken: [{ name: 'email' }],
      accessToken: [{ name: 'email' }, { name: 'idtyp', essential: true, additionalProperties: ['kept'] }],
    };
    expect(steps(there)[0]?.body).toMatchObject({
      identifierUris: [`api://${API_ID}`, 'https://contoso.example/orders'],
      optionalClaims: {
        idToken: [{ name: 'email' }],
        accessToken: [
          { name: 'email' },
          { name: 'idtyp', essential: true, additionalProperties: ['kept', 'include_user_token'] },
        ],
      },
    });
  });

  it('disable in the first step only what has to be, and write the rest back as it was', () => {
    const there = registration('clean.az');
    there.api.oauth2PermissionScopes[1].value = 'Orders.Change';
    expect(steps(there)[0]?.body).toMatchObject({
      api: {
        oauth2PermissionScopes: [
          { id: READ, value: 'Orders.Read', isEnabled: true },
          { id: WRITE, value: 'Orders.Change', isEnabled: false },
        ],
      },
      appRoles: [{ isEnabled: true }, { id: ADMIN, isEnabled: true }],
    });
  });
});

describe('the steps for a new registration', () => {
  it('are the manifest, and then its clients', () => {
    const list = manifestSteps(manifest);
    expect(titles(list)).toEqual([MAIN, 'Pre-authorize the clients']);
    expect(list[0]).toEqual({
      title: MAIN,
      deletes: false,
      method: 'PATCH',
      url: `https://graph.microsoft.com/v1.0/applications(appId='${API_ID}')`,
      body: {
        identifierUris: manifest.identifierUris,
        api: {
          requestedAccessTokenVersion: 2,
          oauth2PermissionScopes: manifest.api.oauth2PermissionScopes,
        },
        appRoles: manifest.appRoles,
        optionalClaims: manifest.optionalClaims,
      },
    });
    expect(list[1]?.body).toEqual({
      api: { preAuthorizedApplications: [{ appId: WEB, delegatedPermissionIds: [READ] }] },
    });
  });

  it('are one where no client is pre-authorized', () => {
    const { catalogue } = define({ api: API_ID, scopes: { A: SCOPE }, appRoles: { B: ROLE } });
    expect(titles(manifestSteps(manifestOf(catalogue)))).toEqual([MAIN]);
  });

  it.each<[string, string, Parameters<typeof manifestSteps>[1], string]>([
    ['the one that is said', API_ID, { clientId: OLD }, OLD],
    ['the registration’s', 'api://orders', { application: registration('clean.az') }, API_ID],
    ['that of the URI', API_ID, {}, API_ID],
    ['left to be filled in', 'api://orders', {}, '{client ID}'],
    ['left to be filled in, not guessed', `api://${OLD}/orders`, {}, '{client ID}'],
  ])('the client ID is %s', (_, api, options, clientId) => {
    const { catalogue } = define({ api, scopes: { A: SCOPE } });
    expect(manifestSteps(manifestOf(catalogue), options)[0]?.url).toBe(
      `https://graph.microsoft.com/v1.0/applications(appId='${clientId}')`,
    );
  });

  it('of a manifest that was written by hand leave alone what is not understood', () => {
    const clients = [{ appId: WEB, delegatedPermissionIds: [OLD] }];
    const byHand = {
      ...manifest,
      identifierUris: [],
      api: { ...manifest.api, preAuthorizedApplications: clients },
    };
    const list = manifestSteps(byHand);
    expect(list[0]?.url).toContain("(appId='{client ID}')");
    expect(list[1]?.body).toEqual({ api: { preAuthorizedApplications: clients } });
  });
});
