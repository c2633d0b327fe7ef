import { describe, expect, it } from 'vitest';
import { Consents } from '../src/directory/consents.js';
import { type GroupMembers, Groups } from '../src/directory/groups.js';
import { guidOf } from '../src/directory/guid.js';
import { startEntra } from '../src/index.js';

const idOf = (name: string) => guidOf('user', name);
const namesOf = (groups: readonly { displayName: string }[]) => groups.map((one) => one.displayName).sort();

describe('groups', () => {
  it('hold users, and users of other groups', () => {
    const groups = new Groups({ staff: ['ada'], everyone: ['staff', 'bob'] }, idOf);
    expect(namesOf(groups.directOf(idOf('ada')))).toEqual(['staff']);
    expect(namesOf(groups.transitiveOf(idOf('ada')))).toEqual(['everyone', 'staff']);
    expect(namesOf(groups.transitiveOf(idOf('bob')))).toEqual(['everyone']);
  });

  it('may hold each other', () => {
    const groups = new Groups({ a: ['b', 'ada'], b: ['a'] }, idOf);
    expect(namesOf(groups.transitiveOf(idOf('ada')))).toEqual(['a', 'b']);
  });

  it('are found by name and ID, and leave the groups that held them', () => {
    const groups = new Groups({ staff: ['ada'], everyone: ['staff'] }, idOf);
    const id = groups.find('staff')?.id ?? '';
    expect(groups.find(id.toUpperCase())?.displayName).toBe('staff');
    groups.remove(id);
    expect(groups.find('staff')).toBeUndefined();
    expect(groups.transitiveOf(idOf('ada'))).toEqual([]);
  });

  it.each([
    ['a list', ['ada'], "groups is not an object. Pass members by name: { staff: ['ada'] }."],
    ['text as members', { staff: 'ada' }, /^groups\.staff is not a list of names/],
    ['an empty name', { staff: [''] }, /^groups\.staff is not a list of names/],
  ])('refuse %s', async (_, groups, message) => {
    await expect(startEntra({ groups: groups as unknown as GroupMembers })).rejects.toThrow(message);
  });
});

describe('consents', () => {
  const subject = { clientId: 'web', resourceId: 'orders', principalId: 'ada' };

  it("add up for a user, and end when they're taken back", () => {
    const consents = new Consents();
    consents.grant(subject, ['Orders.Read']);
    const { id } = consents.grant(subject, ['Orders.Write']);
    expect([...consents.scopesFor(subject)]).toEqual(['Orders.Read', 'Orders.Write']);
    expect(consents.list()).toHaveLength(1);
    expect(consents.revoke(id)).toBe(true);
    expect(consents.revoke(id)).toBe(false);
    expect(consents.scopesFor(subject).size).toBe(0);
  });

  it("hold for others only when an administrator's", () => {
    const consents = new Consents();
    consents.grant(subject, ['Orders.Read']);
    consents.grant({ ...subject, principalId: undefined }, ['Orders.List']);
    expect([...consents.scopesFor({ ...subject, principalId: 'bob' })]).toEqual(['Orders.List']);
    expect([...consents.scopesFor({ ...subject, clientId: 'other' })]).toEqual([]);
    expect([...consents.scopesFor({ ...subject, resourceId: 'stock' })]).toEqual([]);
  });
});
