import { createHash } from 'node:crypto';
import { mapKinds, type Records, type Snapshot } from './kept-directory.js';

/** Digests of what a configuration declared, by kind and ID: they tell later what of it has changed. */
export type Digests = Readonly<Record<keyof Snapshot, Readonly<Record<string, string>>>>;

export function digestsOf(snapshot: Snapshot): Digests {
  return mapKinds((kind) =>
    Object.fromEntries(Object.entries(snapshot[kind]).map(([id, value]) => [id, digestOf(value)])),
  );
}

/**
 * Brings together what a configuration declares now and what was kept. An object that the configuration declares as in the last
 * run is as it was kept, changed or removed. One that it declares differently, newly or no longer, follows the configuration.
 * One that it never declared was made at run time, and stays.
 *
 * @param declared what the configuration declares now
 * @param before what it declared when the state was kept
 */
export function mergeSnapshots(declared: Snapshot, before: Digests, kept: Snapshot): Snapshot {
  const now = digestsOf(declared);
  return mapKinds((kind) => {
    const ids = new Set([...Object.keys(declared[kind]), ...Object.keys(kept[kind])]);
    const merged: (readonly [string, unknown])[] = [];
    for (const id of ids) {
      const same = own(now[kind], id) === own(before[kind], id);
      const source: Records = same ? kept[kind] : declared[kind];
      if (Object.hasOwn(source, id)) merged.push([id, source[id]]);
    }
    // Own members, `__proto__` included.
    return Object.fromEntries(merged);
  });
}

function own(record: Readonly<Record<string, string>>, id: string): string | undefined {
  return Object.hasOwn(record, id) ? record[id] : undefined;
}

/** Members may come in any order. */
function digestOf(value: unknown): string {
  const sorted = JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
  return createHash('sha256').update(sorted).digest('base64url');
}
