import { isGuid } from '../base/guid.js';
import { type JsonObject, parseJsonText } from '../base/json-object.js';
import type { RevocationRecord, Target } from '../options/revocations.js';
import type { Tombstone } from './record-index.js';
import { readTarget } from './target.js';

/** The version of the format. It changes only if a member changes its meaning; members may be added without. */
const VERSION = 1;

/** What another process has written. */
export type ReadText =
  | { readonly state: 'record'; readonly record: RevocationRecord }
  | { readonly state: 'tombstone'; readonly tombstone: Tombstone }
  /** Written by another release, or damaged. Never skipped in silence: health is degraded, and the log names the writer. */
  | { readonly state: 'unreadable'; readonly id: string | undefined; readonly writer: string | undefined };

/**
 * Writes a record for other processes: JSON in one line, always the same for the same record. `until` is not in it. It is kept
 * next to the text, such as in the score of a sorted set, so that it can be prolonged without a second text.
 *
 * @param writer the version of the package that writes
 */
export function recordText(record: RevocationRecord, writer: string): string {
  const { id, target, because, issuedBefore, source, at } = record;
  return JSON.stringify({
    v: VERSION,
    w: writer,
    id,
    o: '+',
    t: target,
    b: because,
    i: issuedBefore,
    s: source,
    at,
  });
}

/** Writes a tombstone for other processes, as {@link recordText} writes a record. */
export function tombstoneText({ id, because, source, at }: Tombstone, writer: string): string {
  return JSON.stringify({ v: VERSION, w: writer, id, o: '-', b: because, s: source, at });
}

/**
 * Reads what {@link recordText} and {@link tombstoneText} have written, also in later releases. A kind of target that this
 * release does not know is read as its `fallback`, `f`, which covers at least as much.
 *
 * @param until what was kept next to the text, in milliseconds since the epoch
 */
export function readText(text: string, until: number): ReadText {
  const members = parseJsonText(text);
  if (members === undefined) return unreadable({});
  const { v, id, o, b: because, i: issuedBefore, s: source, at } = members;
  const isWhole =
    v === VERSION &&
    isGuid(id) &&
    (o === '+' || o === '-') &&
    typeof because === 'string' &&
    isTime(at) &&
    !Number.isNaN(until) &&
    (source === undefined || typeof source === 'string') &&
    (issuedBefore === undefined || isTime(issuedBefore));
  if (!isWhole) return unreadable(members);
  const told = { id, because, at, until, ...(source === undefined ? {} : { source }) };
  if (o === '-') return { state: 'tombstone', tombstone: Object.freeze(told) };
  const target = targetIn(members);
  if (target === undefined || (target === 'everyone' && issuedBefore === undefined))
    return unreadable(members);
  const cutoff = issuedBefore === undefined ? {} : { issuedBefore };
  return { state: 'record', record: Object.freeze({ ...told, target, ...cutoff, reach: 'shared' }) };
}

function targetIn({ t, f }: JsonObject): Target | undefined {
  for (const given of [t, f]) {
    try {
      return readTarget(given).target;
    } catch {
      // Of another release: the fallback is next.
    }
  }
  return undefined;
}

const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 8.64e15;

function unreadable({ id, w }: JsonObject): ReadText {
  return {
    state: 'unreadable',
    id: typeof id === 'string' ? id : undefined,
    writer: typeof w === 'string' ? w : undefined,
  };
}
