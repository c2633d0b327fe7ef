import type { Inventory, InventoryAccess, InventoryEntry } from '@entra-guard/catalogue';
import { printable } from '../output/printable.js';

/** The columns of an inventory, in every format that has columns. */
export const COLUMNS = ['Method', 'Path', 'Handler', 'Access', 'Requirement', 'Reason', 'Owner'] as const;

/** What each kind of access is called for people. */
export const ACCESS: Readonly<Record<InventoryAccess, string>> = {
  required: 'required',
  optional: 'token optional',
  public: 'public',
  'other-guard': 'OTHER GUARD',
  open: 'OPEN',
  denied: 'DENIED',
};

/** One handler, in the order of {@link COLUMNS}. */
export function rowOf(entry: InventoryEntry): readonly string[] {
  const { method, path, handler = '', access, requirement, reasons, owner, note } = entry;
  const shown = access === 'required' ? requirement : note;
  return [method, path, handler, ACCESS[access], shown ?? '', reasons.join('; '), ownerOf(owner)].map(
    printable,
  );
}

/** Summarizes an inventory in one sentence. */
export function summaryOf({ handlers, warnings }: Inventory): string {
  const counts = (Object.keys(ACCESS) as InventoryAccess[]).flatMap((access) => {
    const { length } = handlers.filter((entry) => entry.access === access);
    return length === 0 ? [] : [`${length} ${ACCESS[access]}`];
  });
  const all = `${handlers.length} handler${handlers.length === 1 ? '' : 's'}`;
  const warned = `${warnings.length} warning${warnings.length === 1 ? '' : 's'}`;
  return `${[all, ...counts].join(', ')}; ${warned}.`;
}

function ownerOf(owner: InventoryEntry['owner']): string {
  if (owner === undefined) return '';
  const contact = owner.onCall ?? owner.contact;
  return contact === undefined ? owner.team : `${owner.team} (${contact})`;
}
