import { describe, expect, it } from 'vitest';
import { appClaims, SPA, signed, TENANT, userClaims } from '../../../../test/support/forger.js';
import { outcomeOf, singleTenant } from '../../../../test/support/outcome.js';

const validator = singleTenant();

describe('types of claims', () => {
  it.each([
    ['a tid that is a list', userClaims({ tid: [TENANT] }), 'token_malformed'],
    ['a tid that is an object', userClaims({ tid: { toString: TENANT } }), 'token_malformed'],
    ['an authorized party that is a list', userClaims({ azp: [SPA] }), 'token_malformed'],
    ['scp as a list', userClaims({ scp: ['Orders.Read'] }), 'token_malformed'],
    ['scp null', userClaims({ scp: null }), 'token_malformed'],
    ['roles as text', appClaims({ roles: 'Orders.Read.All' }), 'token_malformed'],
    ['roles with a number', appClaims({ roles: [1] }), 'token_malformed'],
    ['groups as an object', userClaims({ groups: { length: 1 } }), 'token_malformed'],
    ['idtyp as a list', appClaims({ idtyp: ['app'] }), 'token_malformed'],
    [
      'a lone surrogate in a scope',
      JSON.stringify(userClaims()).replace('Orders.Read', '\\ud800'),
      'token_malformed',
    ],
    ['roles of text and a number', userClaims({ roles: ['Orders.Read', 1] }), 'token_malformed'],
  ])('refuses %s', async (_, claims, expected) => {
    expect(await outcomeOf(validator, signed(claims))).toBe(expected);
  });

  it.each([
    'sub',
    'oid',
    'azp',
    'appid',
    'scp',
    'idtyp',
    'uti',
    'ver',
    'tfp',
    'acr',
    'xms_act_fct',
    'xms_sub_fct',
    'xms_par_app_azp',
    'roles',
    'groups',
    'acrs',
    'xms_cc',
  ])('refuses a number in %s, and takes a token without that', async (name) => {
    expect(await outcomeOf(validator, signed(userClaims({ [name]: 1 })))).toBe('token_malformed');
    expect(await outcomeOf(validator, signed(userClaims()))).toBe('accepted');
  });

  it('takes a list of strings in roles and groups', async () => {
    const lists = { roles: ['Orders.Admin'], groups: ['f0000000-0000-0000-0000-000000000001'] };
    expect(await outcomeOf(validator, signed(userClaims(lists)))).toBe('accepted');
  });
});
