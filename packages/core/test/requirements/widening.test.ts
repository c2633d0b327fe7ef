import { allOf, anyOf, appPermissions, authenticated, clients, inTenants, scopes } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { DAEMON, TENANT } from '../../../../test/support/forger.js';

describe('authenticated() next to a branch with alternatives', () => {
  const anyDaemon = allOf(authenticated({ unassignedApps: true }), clients(DAEMON));

  it('is refused where every alternative carries a scope or a role anyway', () => {
    const narrow = allOf(anyOf(scopes('A'), appPermissions('B')), inTenants(TENANT));
    expect(() => anyOf(authenticated(), narrow)).toThrow(/has no effect/);
  });

  it('is allowed where one alternative lets an app in without any role', () => {
    const wider = allOf(anyOf(appPermissions('B'), anyDaemon), inTenants(TENANT));
    expect(() => anyOf(authenticated(), wider)).not.toThrow();
  });
});
