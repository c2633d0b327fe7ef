import { describe, expect, it, onTestFinished } from 'vitest';
import {
  type AppRegistration,
  type InProcessEntra,
  type RegistrationManifest,
  startEntra,
} from '../src/index.js';

const API = '11111111-1111-4111-8111-111111111111';
const manifest: RegistrationManifest = {
  appId: API,
  identifierUris: ['api://orders.contoso.example', 'api://second'],
  api: {
    requestedAccessTokenVersion: 2,
    oauth2PermissionScopes: [
      { value: 'Orders.Read', isEnabled: true },
      { value: 'Orders.Write' },
      { value: 'Orders.Old', isEnabled: false },
    ],
  },
  appRoles: [
    { value: 'Orders.Read.All', allowedMemberTypes: ['Application'], isEnabled: true },
    { value: 'Orders.Admin', allowedMemberTypes: ['User'], isEnabled: true },
    { value: 'Orders.Old.All', allowedMemberTypes: ['Application'], isEnabled: false },
    { value: null, allowedMemberTypes: ['User'], isEnabled: true },
  ],
  optionalClaims: {
    accessToken: [{ name: 'idtyp', additionalProperties: ['include_user_token'] }, { name: 'xms_not_known' }],
  },
};

async function toldOf(orders: AppRegistration): Promise<InProcessEntra> {
  const entra = await startEntra({ apps: { orders } });
  onTestFinished(async () => entra.close());
  return entra;
}

describe('for an API that is declared by its manifest, the local Entra', () => {
  it('mints the scopes and roles that are enabled, and no others', async () => {
    const entra = await toldOf({ manifest });
    expect(entra.user('ada', { scp: ['Orders.Read', 'Orders.Write'] }).claims).toMatchObject({
      aud: API,
      ver: '2.0',
      idtyp: 'user',
      scp: 'Orders.Read Orders.Write',
    });
    expect(entra.app('job').claims.roles).toEqual(['Orders.Read.All']);
    expect(entra.user('ada', { roles: ['Orders.Admin'] }).claims.roles).toEqual(['Orders.Admin']);
    expect(() => entra.user('ada', { scp: 'Orders.Old' })).toThrow(/"Orders.Old" doesn't exist on "orders"/);
    expect(() => entra.app('job', { roles: ['Orders.Old.All'] })).toThrow(/no app role "Orders.Old.All"/);
    expect(() => entra.user('ada', { roles: ['Orders.Read.All'] })).toThrow(/can't be assigned to a user/);
    expect(entra.options()).toMatchObject({
      clientId: API,
      applicationIdUri: 'api://orders.contoso.example',
    });
  });

  it('prefers the members next to the manifest', async () => {
    const entra = await toldOf({ manifest, tokenVersion: 1, scopes: ['Orders.Count'] });
    expect(entra.user('ada').claims).toMatchObject({
      ver: '1.0',
      scp: 'Orders.Count',
      aud: 'api://orders.contoso.example',
    });
  });

  it.each<[string, RegistrationManifest, string | undefined]>([
    ['its appId', { appId: API, identifierUris: [`api://${API.replace('1', '2')}`] }, API],
    ['the URI', { identifierUris: [`api://${API}`] }, API],
    ['the name', { identifierUris: ['api://orders'] }, undefined],
    ['the name, when the manifest has neither', {}, undefined],
  ])('takes the client ID from %s', async (_, given, clientId) => {
    const entra = await toldOf({ manifest: given });
    const named = await toldOf({});
    expect(entra.clientIdOf('orders')).toBe(clientId ?? named.clientIdOf('orders'));
  });

  it('mints no permissions when the manifest has none, and version 1 tokens when it has no version', async () => {
    const entra = await toldOf({
      manifest: { appId: API, api: null, appRoles: null, optionalClaims: null, identifierUris: null },
    });
    expect(() => entra.user('ada', { scp: 'Orders.Read' })).toThrow(/doesn't exist on "orders". It has none/);
    const { claims } = entra.app('job');
    expect(claims.ver).toBe('1.0');
    expect(claims).not.toHaveProperty('roles');
    expect(claims).not.toHaveProperty('idtyp');
  });

  it('takes an app whose manifest exposes nothing for a client, and not for an API', async () => {
    const exposesNothing = {
      appId: API,
      identifierUris: [],
      api: { oauth2PermissionScopes: [] },
      appRoles: [],
    };
    const entra = await startEntra({
      apps: { orders: { scopes: ['Orders.Read'] }, web: { manifest: exposesNothing } },
    });
    expect(entra.user('ada').claims.aud).toBe(entra.clientIdOf('orders'));
    expect(entra.options().clientId).toBe(entra.clientIdOf('orders'));
  });

  it.each([
    ['text', '{}'],
    ['a list', []],
    ['null', null],
  ])('refuses a manifest that is %s', async (_, given) => {
    await expect(toldOf({ manifest: given as never })).rejects.toMatchObject({
      code: 'option_invalid',
      message: expect.stringContaining('apps.orders.manifest is not an object'),
    });
  });
});
