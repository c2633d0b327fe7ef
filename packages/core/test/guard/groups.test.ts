import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import type { GuardSettings } from '../../src/guard/guard-options.js';
import {
  type AuthContext,
  allOf,
  createGuard,
  type DecisionEvent,
  type Grant,
  inGroups,
  onEvent,
  scopes,
} from '../../src/index.js';
import { createMigrationGuard } from '../../src/migration.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const MANAGERS = 'aaaaaaaa-0000-4000-8000-000000000001';
const read = scopes('Orders.Read');
const approve = allOf(read, inGroups(MANAGERS));

const bearing = (claims: object): Request =>
  new Request('https://api.contoso.example/orders', {
    headers: { Authorization: `Bearer ${signed(userClaims({ scp: 'Orders.Read', ...claims }))}` },
  });
const overage = (): Request => bearing({ hasgroups: true });

function guarding(groups: unknown = [MANAGERS]) {
  const asked: AuthContext[] = [];
  const groupsOf = async (auth: AuthContext): Promise<readonly string[]> => {
    asked.push(auth);
    return groups as readonly string[];
  };
  return { guard: createGuard({ ...contoso(), groupsOf }), asked };
}

describe('the option groupsOf', () => {
  it('lets in a user whose groups are too many for the token, and is asked once', async () => {
    const { guard, asked } = guarding();
    const auth = await guard.require(overage(), approve);
    expect(asked).toEqual([auth]);
    await guard.require(overage(), approve);
    expect(asked).toHaveLength(1);
    await guard.close();
  });

  it.each<[string, Grant, object]>([
    ['where no requirement needs groups', read, { hasgroups: true }],
    ['where the token lists the groups', approve, { groups: [MANAGERS] }],
  ])('is not asked %s', async (_, requirement, claims) => {
    const { guard, asked } = guarding();
    await guard.require(bearing(claims), requirement);
    expect(asked).toEqual([]);
    await guard.close();
  });

  it('is not asked by who has no valid token', async () => {
    const { guard, asked } = guarding();
    expect((await refusalOf(guard.require(bearing({ hasgroups: true, exp: 1 }), approve))).code).toBe(
      'token_expired',
    );
    expect(asked).toEqual([]);
    await guard.close();
  });

  it("refuses a user who is not in the group (403), and a failure is not the caller's (503)", async () => {
    for (const [groups, code, status] of [
      [[], 'group_missing', 403],
      ['x', 'hook_failed', 503],
    ] as const) {
      const { guard } = guarding(groups);
      const events: DecisionEvent[] = [];
      const stop = onEvent((event) => events.push(event), { types: ['decision'] });
      const error = await refusalOf(guard.require(overage(), approve));
      stop();
      expect(error).toMatchObject({ code, status });
      expect(guard.toHttp(error).status).toBe(status);
      expect(events).toMatchObject([{ outcome: 'deny', code }]);
      await guard.close();
    }
  });

  it('is needed: without it such users are refused by a code of their own', async () => {
    const guard = createGuard(contoso());
    const error = await refusalOf(guard.require(overage(), approve));
    expect(error).toMatchObject({ code: 'groups_overage', status: 403 });
    expect(guard.toHttp(error).body).toMatchObject({ code: 'groups_overage' });
    await guard.close();
  });

  it('is asked by a guard for migrations and by a stand-in, too', async () => {
    const groupsOf = async (): Promise<readonly string[]> => [MANAGERS];
    const migrating = createMigrationGuard(contoso(), {}, { groupsOf });
    expect((await migrating.require(overage(), approve)).kind).toBe('user');
    await migrating.close();
    const caller = testAuth({ kind: 'user', scopes: ['Orders.Read'], groups: 'overage' });
    const standIn = standInGuard(caller, { groupsOf, log: false });
    expect((await standIn.require(new Request('https://x.example'), approve)).kind).toBe('user');
  });

  it('has to be a function', () => {
    const groupsOf = [MANAGERS] as unknown as NonNullable<GuardSettings['groupsOf']>;
    expect(configurationSentence(() => createGuard({ ...contoso(), groupsOf }))).toContain(
      'groupsOf is an array of 1',
    );
  });
});
