import { definePermissions, type Requirement } from '@entra-guard/core';
import { revocationAppRoles, revocationHandlers } from '@entra-guard/core/revocation';
import { describe, expect, it } from 'vitest';

const api = 'api://orders.contoso.example';
const owner = { team: 'Orders' };
const names = Object.keys(revocationAppRoles);

describe('the application permissions of the routes of revocations', () => {
  it('go into a catalogue, with types, with those of the API', () => {
    const { catalogue, appPermissions } = definePermissions({
      api,
      owner,
      appRoles: {
        ...revocationAppRoles,
        'Orders.Read.All': { description: 'Read.', for: ['application'], because: 'Invoices.' },
      },
    });
    expect(new Set(catalogue.appRoles.map(({ value }) => value))).toEqual(
      new Set([...names, 'Orders.Read.All']),
    );
    expect(appPermissions('Revocations.Revoke.All').reasons).toEqual([
      'Callers are shut out at once, although their tokens are still valid.',
    ]);
  });

  it('are for applications alone', () => {
    const { catalogue, userRoles } = definePermissions({ api, owner, appRoles: revocationAppRoles });
    expect(catalogue.appRoles.map((role) => role.for)).toEqual(names.map(() => ['application']));
    // @ts-expect-error: no user role
    expect(() => userRoles('Revocations.Read.All')).toThrow("has no user role 'Revocations.Read.All'");
  });

  it('are those that the routes require, no more and no fewer', () => {
    const required = revocationHandlers().map(({ method, path, access }) => [
      `${method} ${path}`,
      String((access as { readonly requirement: Requirement }).requirement),
    ]);
    expect(required).toEqual([
      ['POST /revocations', "anyAppPermission('Revocations.Manage.All', 'Revocations.Revoke.All')"],
      [
        'GET /revocations',
        "anyAppPermission('Revocations.Lift.All', 'Revocations.Manage.All', 'Revocations.Read.All', 'Revocations.Revoke.All')",
      ],
      ['DELETE /revocations/:id', "anyAppPermission('Revocations.Lift.All', 'Revocations.Manage.All')"],
    ]);
    const named = required.flatMap(([, text = '']) => text.match(/Revocations\.\w+\.All/g) ?? []);
    expect(new Set(named)).toEqual(new Set(names));
  });
});
