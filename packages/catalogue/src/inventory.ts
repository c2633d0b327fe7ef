import {
  type Catalogue,
  type ExposedHandler,
  type Owner,
  ownOptions,
  type UsedPermission,
} from '@entra-guard/core';
import { type InventoryWarning, judgeInventory } from './judge-inventory.js';

/**
 * Who may call a handler. `required`: callers who satisfy its requirement. `optional`: also callers without a token. `public`:
 * every caller, on purpose. `open`: every caller, because no requirement takes effect. `denied`: no caller, for that reason.
 * `other-guard`: the callers that another guard lets in, which is not judged.
 */
export type InventoryAccess = 'required' | 'optional' | 'public' | 'other-guard' | 'open' | 'denied';

/** One route or handler. */
export interface InventoryEntry {
  readonly method: string;
  readonly path: string;
  /** The handler's name, if it has one: `OrdersController.list`. */
  readonly handler?: string;
  readonly access: InventoryAccess;
  /** The requirement as it is written in code; absent if there is none. */
  readonly requirement?: string;
  /** The permissions that the requirement names. */
  readonly permissions: readonly UsedPermission[];
  /** The reasons that `because` recorded. */
  readonly reasons: readonly string[];
  /** Who is responsible for it, if its permissions are from a catalogue. */
  readonly owner?: Owner;
  /** Why no requirement takes effect, or which guard is not judged. */
  readonly note?: string;
}

/** What an application exposes, who may call it and why, and what to check. Plain data: `JSON.stringify` writes it whole. */
export interface Inventory {
  readonly handlers: readonly InventoryEntry[];
  /** The catalogues that the permissions are from. */
  readonly catalogues: readonly Catalogue[];
  readonly warnings: readonly InventoryWarning[];
}

/** Options of {@link takeInventory}. */
export interface InventoryOptions {
  /**
   * Catalogues in addition to those that the requirements were made from. A catalogue of which no requirement was made is only
   * seen here. Default: none.
   */
  readonly catalogues?: readonly Catalogue[];
}

/**
 * Lists what an application exposes and who may call it: `takeInventory(handlersIn(app))`, with `handlersIn` from
 * `@entra-guard/express` or `@entra-guard/nestjs`.
 *
 * @throws ConfigurationError if `options` is not an object
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
