import {
  type Catalogue,
  type ExposedHandler,
  type Owner,
  ownOptions,
  type UsedPermission,
} from '@entra-guard/core';
import { type InventoryWarning, judgeInventory } from './judge-inventory.js';

/**
 * Who gets in: `required` asks for a requirement, `optional` lets callers without a token in, `public` everybody on
 * purpose, `open` everybody because nothing was decided, `denied` to no caller. `other-guard` is left to another guard, which is not
 * judged.
 */
export type InventoryAccess = 'required' | 'optional' | 'public' | 'other-guard' | 'open' | 'denied';

/** One route or handler. */
export interface InventoryEntry {
  readonly method: string;
  readonly path: string;
  /** The handler's own name, where it has one: `OrdersController.list`. */
  readonly handler?: string;
  readonly access: InventoryAccess;
  /** The requirement as one would write it; absent where there is none. */
  readonly requirement?: string;
  /** The permissions that the requirement names. */
  readonly permissions: readonly UsedPermission[];
  /** Why, as recorded with `because`. */
  readonly reasons: readonly string[];
  /** Who answers for it, where its permissions are from a catalogue. */
  readonly owner?: Owner;
  /** What is odd about it: why it was not decided about, or which guard is not judged. */
  readonly note?: string;
}

/** What an application exposes, who may call it and why, and what deserves a second look. Plain data: JSON as it stands. */
export interface Inventory {
  readonly handlers: readonly InventoryEntry[];
  /** The catalogues that the permissions are from. */
  readonly catalogues: readonly Catalogue[];
  readonly warnings: readonly InventoryWarning[];
}

/** What {@link takeInventory} may be told. */
export interface InventoryOptions {
  /** Catalogues beside those that the requirements were made from: one of which nothing is used would go unseen. */
  readonly catalogues?: readonly Catalogue[];
}

/**
 * Takes stock of an application: `takeInventory(handlersIn(app))`, with `handlersIn` from `@entra-guard/express` or
 * `@entra-guard/nestjs`.
 */
export function takeInventory(exposed: readonly ExposedHandler[], options: InventoryOptions = {}): Inventory {
  const { catalogues: given = [] } = ownOptions('takeInventory()', options);
  const handlers = exposed.map(entryOf);
  const carried = exposed.flatMap(({ access }) =>
    access.kind === 'requirement' ? access.requirement.catalogues : [],
  );
  const catalogues = [...new Set([...given, ...carried])];
  return { handlers, catalogues, warnings: judgeInventory(exposed, handlers, catalogues) };
}

function entryOf({ method, path, handler, access }: ExposedHandler): InventoryEntry {
  const place = { method, path, ...(handler === undefined ? {} : { handler }) };
  if (access.kind === 'optional') return { ...place, access: 'optional', permissions: [], reasons: [] };
  if (access.kind === 'undecided') {
    return { ...place, access: access.effect, permissions: [], reasons: [], note: access.why };
  }
  if (access.kind === 'other-guard') {
    const { guards, declares } = access;
    const lost = declares === undefined ? '' : `, although it declares ${declares}`;
    const note = `not judged: ${guards.join(', ')}${lost}`;
    return { ...place, access: 'other-guard', permissions: [], reasons: [], note };
  }
  const { requirement } = access;
  const { owner, reasons } = requirement;
  return {
    ...place,
    access: requirement.role === 'anonymous' ? 'public' : 'required',
    requirement: requirement.toString(),
    permissions: requirement.permissions,
    reasons,
    ...(owner === undefined ? {} : { owner }),
  };
}
