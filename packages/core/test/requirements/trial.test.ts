import { describe, expect, it } from 'vitest';
import { NOW } from '../../../../test/support/forger.js';
import {
  type AuthContext,
  allOf,
  anyOf,
  appPermissions,
  check,
  type Grant,
  inGroups,
  members,
  scopes,
  type Trial,
  tighten,
  userRoles,
} from '../../src/index.js';
import { authorizeNow, type ResolveGroups } from '../../src/requirements/authorize.js';
import { trialOf } from '../../src/requirements/trial.js';
import { daemon, user } from '../callers.js';

const GROUP = 'aaaaaaaa-0000-4000-8000-000000000001';
const OTHER = 'bbbbbbbb-0000-4000-8000-000000000002';
const DAY = 86_400_000;
const UNTIL = NOW + 9 * DAY;
const read = scopes('Orders.Read');
const reader = allOf(read, userRoles('Orders.Reader'));
const stricter = (next: Grant, now: Grant = read, until = UNTIL): Grant => tighten(now, next, { until });

const ada = user({ scp: 'Orders.Read' });
const grace = user({ scp: 'Orders.Read', roles: ['Orders.Reader'] });
const overage = user({ scp: 'Orders.Read', hasgroups: true });

/** What a guard finds out of a caller whom it lets in. */
async function trial(
  requirement: Grant,
  auth: AuthContext = ada,
  { now = NOW, groupsOf }: { readonly now?: number; readonly groupsOf?: ResolveGroups } = {},
): Promise<Trial | undefined> {
  return trialOf(requirement, await authorizeNow(requirement, auth, { now }, { groupsOf }));
}

const lacksRole = {
  requirement: "allOf(scopes('Orders.Read'), userRoles('Orders.Reader'))",
  code: 'role_missing',
  missing: ['user role Orders.Reader'],
};

describe('of a caller who is let in, it is told what will be lacking', () => {
  it('to whom the second requirement would refuse', async () => {
    expect(await trial(stricter(reader))).toEqual(lacksRole);
    expect(await trial(stricter(reader), ada, { now: UNTIL - 1 })).toEqual(lacksRole);
  });

  it('and nothing of whom it would let in, nor where there is none', async () => {
    expect(await trial(stricter(reader), grace)).toBeUndefined();
    expect(await trial(allOf(read, anyOf(read, userRoles('X'))))).toBeUndefined();
  });

  it('and nothing once the time has come', async () => {
    expect(await trial(stricter(reader), grace, { now: UNTIL })).toBeUndefined();
    const over = anyOf(stricter(reader, read, NOW - 1), scopes('X'), userRoles('Y'));
    expect(await trial(over, user({ scp: 'X' }))).toBeUndefined();
  });

  it('by the clock of the process, where no time is given', () => {
    const facts = { auth: ada, now: undefined, answers: new Map(), groups: undefined, ahead: false };
    expect(trialOf(stricter(reader, read, Date.parse('2999-01-31')), facts)).toEqual(lacksRole);
    expect(trialOf(stricter(reader, read, Date.parse('2020-01-31')), facts)).toBeUndefined();
  });

  it('inside allOf, of the part that switches', async () => {
    const member = user({ scp: 'Orders.Read', acct: 0 });
    expect(await trial(allOf(stricter(reader), members()), member)).toEqual(lacksRole);
  });

  it('inside anyOf, unless another branch lets the caller in all the same', async () => {
    const either = anyOf(stricter(reader), appPermissions('Orders.Read.All'), scopes('Orders.Write'));
    expect(await trial(either)).toEqual(lacksRole);
    expect(await trial(either, user({ scp: 'Orders.Read Orders.Write' }))).toBeUndefined();
    expect(await trial(either, daemon({ roles: ['Orders.Read.All'] }))).toBeUndefined();
  });

  it('of the first that switches, where several would refuse', async () => {
    const later = stricter(allOf(read, userRoles('Later')), read, UNTIL + DAY);
    expect(await trial(allOf(later, stricter(reader)))).toEqual(lacksRole);
    expect(await trial(allOf(later, stricter(reader)), grace)).toMatchObject({
      missing: ['user role Later'],
    });
    const past = stricter(read, reader, NOW - DAY);
    expect(await trial(allOf(past, stricter(reader)))).toEqual(lacksRole);
  });

  it('of a switch to come, and not of one that has been and refused', async () => {
    const past = tighten(scopes('A'), allOf(scopes('A'), userRoles('A')), { until: NOW });
    const coming = tighten(scopes('Orders.Read'), reader, { until: UNTIL });
    expect(await trial(anyOf(past, coming))).toEqual(lacksRole);
  });
});

describe('what would have to be found out counts as if the caller passed', () => {
  const never = check('never', () => {
    throw new Error('it ran');
  });

  it('a check', async () => {
    expect(await trial(stricter(allOf(read, never)))).toBeUndefined();
    expect(await trial(stricter(allOf(reader, never)))).toEqual({
      ...lacksRole,
      requirement: "allOf(check('never'), scopes('Orders.Read'), userRoles('Orders.Reader'))",
    });
  });

  it('but not one that has answered', async () => {
    const [no, yes] = [check('no', () => false), check('yes', () => true)];
    const now = anyOf(allOf(read, no), allOf(read, yes));
    expect(await trial(stricter(allOf(read, no), now))).toMatchObject({ code: 'check_refused' });
    expect(await trial(stricter(allOf(read, yes), now))).toBeUndefined();
  });

  it('groups that can be asked for', async () => {
    const asked: AuthContext[] = [];
    const groupsOf: ResolveGroups = async (auth) => {
      asked.push(auth);
      return new Set([OTHER]);
    };
    expect(await trial(stricter(allOf(read, inGroups(GROUP))), overage, { groupsOf })).toBeUndefined();
    expect(asked).toEqual([]);
    const now = allOf(read, inGroups(OTHER));
    const next = allOf(read, inGroups(GROUP));
    expect(await trial(stricter(next, now), overage, { groupsOf })).toMatchObject({ code: 'group_missing' });
    expect(asked).toEqual([overage]);
  });

  it('but not groups that can not', async () => {
    expect(await trial(stricter(allOf(read, inGroups(GROUP))), overage)).toMatchObject({
      code: 'groups_overage',
    });
  });
});

it('is frozen, as listeners share it', async () => {
  const told = await trial(stricter(reader));
  expect([Object.isFrozen(told), Object.isFrozen(told?.missing)]).toEqual([true, true]);
});

it('a requirement of an older copy of the package has none', () => {
  const facts = { auth: ada, now: NOW, answers: new Map(), groups: undefined, ahead: false };
  expect(trialOf(Object.create(read, { tightenings: { value: undefined } }), facts)).toBeUndefined();
});
