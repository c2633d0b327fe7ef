import type { Changes } from './changes.js';
import { guidOf, isGuid } from './guid.js';
import { invalidOption } from './invalid-option.js';

/** A group. Members are object IDs of users and of other groups. */
export interface Group {
  /** Object ID. */
  readonly id: string;
  displayName: string;
  description?: string | null;
  /** Whether it is a security group, so that tokens may list it. Default `true`. */
  readonly securityEnabled?: boolean;
  readonly members: Set<string>;
}

/** Members of groups by the group's name: `{ staff: ['ada'], everyone: ['staff', 'bob'] }`. A group may hold groups. */
export type GroupMembers = Readonly<Record<string, readonly string[]>>;

/** The security groups of one local Entra's home tenant. */
export class Groups {
  readonly #groups = new Map<string, Group>();
  readonly #changes: Changes | undefined;

  /**
   * @param memberIdOf returns the object ID of a user, given the name
   * @param changes told of what is changed later
   * @throws {LocalEntraError} `option_invalid`
   */
  constructor(given: GroupMembers = {}, memberIdOf: (user: string) => string, changes?: Changes) {
    assertGroups(given);
    for (const [name, members] of Object.entries(given)) {
      const ids = members.map((one) => (Object.hasOwn(given, one) ? groupId(one) : memberIdOf(one)));
      this.add({ id: groupId(name), displayName: name, members: new Set(ids) });
    }
    this.#changes = changes;
  }

  list(): readonly Group[] {
    return [...this.#groups.values()];
  }

  /** Finds a group by its object ID or its display name. */
  find(idOrName: string): Group | undefined {
    return (
      this.#groups.get(idOrName.toLowerCase()) ??
      this.list().find(({ displayName }) => displayName === idOrName)
    );
  }

  /** Adds a group, or puts it in the place of the one with its ID. */
  add(group: Group): void {
    this.#groups.set(group.id, group);
    this.#changes?.note('groups', group.id);
  }

  /** @returns `false` if it was a member before, or there is no such group */
  addMember(groupId: string, memberId: string): boolean {
    const group = this.#groups.get(groupId);
    if (group === undefined || group.members.has(memberId)) return false;
    group.members.add(memberId);
    this.#changes?.note('members', groupId);
    return true;
  }

  /** @returns `false` if it was not a member */
  removeMember(groupId: string, memberId: string): boolean {
    if (this.#groups.get(groupId)?.members.delete(memberId) !== true) return false;
    this.#changes?.note('members', groupId);
    return true;
  }

  /** Removes a group, also from groups that hold it. */
  remove(id: string): void {
    if (!this.#groups.delete(id)) return;
    this.#changes?.note('groups', id);
    for (const holder of this.#groups.keys()) this.removeMember(holder, id);
  }

  /** Lists the groups that hold the object itself. */
  directOf(memberId: string): readonly Group[] {
    return this.list().filter(({ members }) => members.has(memberId));
  }

  /** Lists the groups that hold the object itself or through other groups. Circles are harmless. */
  transitiveOf(memberId: string): readonly Group[] {
    const found = new Map<string, Group>();
    const open = [memberId];
    for (let id = open.pop(); id !== undefined; id = open.pop()) {
      for (const group of this.directOf(id)) {
        if (found.has(group.id)) continue;
        found.set(group.id, group);
        open.push(group.id);
      }
    }
    return [...found.values()];
  }
}

/** Returns the object ID of a group, which depends on its name alone. */
function groupId(name: string): string {
  return isGuid(name) ? name.toLowerCase() : guidOf('group', name);
}

function assertGroups(given: unknown): asserts given is GroupMembers {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    throw invalidOption(`groups is not an object. Pass members by name: { staff: ['ada'] }.`);
  }
  for (const [name, members] of Object.entries(given)) {
    if (Array.isArray(members) && members.every((one) => typeof one === 'string' && one !== '')) continue;
    throw invalidOption(
      `groups.${name} is not a list of names. Write the names of its users and groups: ['ada'].`,
    );
  }
}
