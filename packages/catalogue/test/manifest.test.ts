import { manifestOf } from '@entra-guard/catalogue';
import {
  allOf,
  anonymous,
  anyOf,
  appPermissions,
  authContext,
  type ExposedHandler,
  members,
  noAgents,
  type Requirement,
  scopes,
  signedInWithin,
} from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { define, orders, ROLE, SCOPE } from '../../../test/support/orders.js';
import { ADMIN, API_ID, READ, READ_ALL, registered, WEB, WRITE } from './registered.js';

const handler = (requirement: Requirement): ExposedHandler =>
  ({ method: 'GET', path: '/', access: { kind: 'requirement', requirement } }) as ExposedHandler;
const claimsAsked = (...handlers: readonly ExposedHandler[]): readonly string[] =>
  manifestOf(orders.catalogue, { handlers }).optionalClaims.accessToken.map(({ name }) => name);

describe('the manifest of a catalogue', () => {
  it('is what Microsoft Graph has in an application', () => {
    expect(manifestOf(registered.catalogue)).toEqual({
      identifierUris: [`api://${API_ID}`],
      api: {
        requestedAccessTokenVersion: 2,
        oauth2PermissionScopes: [
          {
            id: READ,
            value: 'Orders.Read',
            type: 'User',
            isEnabled: true,
            adminConsentDisplayName: 'Read your orders',
            adminConsentDescription: 'Read the orders of the signed-in user.',
            userConsentDisplayName: 'Read your orders',
            userConsentDescription: 'Read the orders of the signed-in user.',
          },
          {
            id: WRITE,
            value: 'Orders.Write',
            type: 'Admin',
            isEnabled: true,
            adminConsentDisplayName: 'Orders.Write',
            adminConsentDescription: 'Place and change orders.',
            userConsentDisplayName: null,
            userConsentDescription: null,
          },
        ],
        preAuthorizedApplications: [{ appId: WEB, delegatedPermissionIds: [READ] }],
      },
      appRoles: [
        {
          id: READ_ALL,
          value: 'Orders.Read.All',
          displayName: 'Orders.Read.All',
          description: 'Read the orders of everybody.',
          allowedMemberTypes: ['Application'],
          isEnabled: true,
        },
        {
          id: ADMIN,
          value: 'Orders.Admin',
          displayName: 'Orders.Admin',
          description: 'Cancel the orders of anybody.',
          allowedMemberTypes: ['User'],
          isEnabled: true,
        },
      ],
      optionalClaims: {
        accessToken: [
          { name: 'idtyp', source: null, essential: false, additionalProperties: ['include_user_token'] },
        ],
      },
    });
  });

  it('is the same in every run', () => {
    expect(JSON.stringify(manifestOf(orders.catalogue))).toBe(JSON.stringify(manifestOf(orders.catalogue)));
  });

  it('disables what is retired, and opens a role to both where that is said', () => {
    const { catalogue } = define({
      scopes: { A: { ...SCOPE, enabled: false } },
      appRoles: { B: { ...ROLE, for: ['application', 'user'] } },
    });
    const { api, appRoles } = manifestOf(catalogue);
    expect(api.oauth2PermissionScopes[0]?.isEnabled).toBe(false);
    expect(appRoles[0]?.allowedMemberTypes).toEqual(['User', 'Application']);
  });

  it.each<[string, Requirement, string[]]>([
    ['permissions', anyOf(scopes('A'), appPermissions('B')), []],
    ['members()', allOf(scopes('A'), members()), ['acct']],
    ['noAgents()', allOf(scopes('A'), noAgents()), ['xms_act_fct', 'xms_par_app_azp', 'xms_sub_fct']],
    ['authContext()', allOf(scopes('A'), authContext('c1')), ['acrs', 'xms_cc']],
    ['signedInWithin()', allOf(scopes('A'), signedInWithin('15m')), ['auth_time']],
    ['one inside anyOf', anyOf(appPermissions('B'), allOf(scopes('A'), members())), ['acct']],
    ['an opening', anonymous(), []],
  ])('asks for the claims that %s is judged by', (_, requirement, claims) => {
    expect(claimsAsked(handler(requirement))).toEqual(['idtyp', ...claims]);
  });

  it('asks for each claim once, and for none where there is no requirement', () => {
    const optional: ExposedHandler = { method: 'GET', path: '/', access: { kind: 'optional' } };
    const member = handler(allOf(scopes('A'), members(), signedInWithin('1h')));
    expect(claimsAsked(member, optional, member)).toEqual(['idtyp', 'acct', 'auth_time']);
  });
});
