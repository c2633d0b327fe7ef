import type { AuthContext } from '../caller/auth-context.js';
import type { RevocationRecord } from '../options/revocations.js';
import { callerKeys } from './caller-keys.js';
import { isCutOff } from './cutoff.js';
import { endOfCutoff, type RecordLimits } from './ends.js';
import { kindOf, readTarget } from './target.js';
import { WideMap } from './wide-map.js';

/** That a record was lifted. Ends no earlier than the record, so that a late copy of the record does not revive it. */
export interface Tombstone {
  /** That of the record. */
  readonly id: string;
  readonly because: string;
  /** When it was lifted, and until when that is remembered, in milliseconds since the epoch. */
  readonly at: number;
  readonly until: number;
  readonly source?: string;
}

/** Settings of a {@link RecordIndex}. */
export interface RecordIndexSettings extends RecordLimits {
  readonly now: () => number;
  /** The version to begin after, for an index that takes the place of another. Default 0. */
  readonly version?: number;
}

interface Entry {
  readonly record: RevocationRecord;
  readonly key: string;
  /** How many were added before. */
  readonly order: number;
}

const MINUTE = 60_000;

/**
 * Finds the record that refuses a caller, among any number of records, without waiting. Order and repetition of what is added do
 * not matter: the last `until` of a record holds, and a tombstone lifts its record whichever comes first. So records may be
 * handed over again at any time.
 */
export class RecordIndex {
  readonly #settings: RecordIndexSettings;
  readonly #byId = new WideMap<Entry>();
  /** A list only where several records have one key. */
  readonly #byKey = new WideMap<RevocationRecord | readonly RevocationRecord[]>();
  readonly #lifted = new Map<string, Tombstone>();
  /** IDs by the minute in which their record or tombstone ends, so that a sweep looks only at what has ended. */
  readonly #ending = new Map<number, string[]>();
  #sweptAt = Number.NEGATIVE_INFINITY;
  #sessions = 0;
  #added = 0;
  #version: number;

  constructor(settings: RecordIndexSettings) {
    this.#settings = settings;
    this.#version = settings.version ?? 0;
  }

  /** Changes whenever another caller may be refused, or one no longer. */
  get version(): number {
    return this.#version;
  }

  /** How many records there are, those included that have ended since the last {@link sweep}. */
  get size(): number {
    return this.#byId.size;
  }

  /**
   * Adds a record, unless it was lifted or has ended. A record that is there already gets the later `until` of the two.
   *
   * @returns the record as it stands now; `undefined` if it was lifted, or has ended
   */
  add(given: RevocationRecord): RevocationRecord | undefined {
    const known = this.#byId.get(given.id);
    const record = this.#lasting(given, known?.record.until);
    if (this.#lifted.has(record.id) || this.#settings.now() >= record.until) return undefined;
    if (known !== undefined && known.record.until >= record.until) return known.record;
    const key = known?.key ?? readTarget(record.target).key;
    if (known === undefined) this.#count(record, 1);
    else this.#unlink(known);
    this.#byId.set(record.id, { record, key, order: known?.order ?? this.#added++ });
    const there = this.#at(key);
    this.#byKey.set(key, there.length === 0 ? record : [...there, record]);
    this.#endsAt(record.until, record.id);
    this.#version++;
    return record;
  }

  /**
   * Lifts a record, also one that is added later.
   *
   * @returns the record that was lifted; `undefined` if it was not there
   */
  lift(tombstone: Tombstone): RevocationRecord | undefined {
    const { id } = tombstone;
    const entry = this.#byId.get(id);
    const until = Math.max(tombstone.until, this.#lifted.get(id)?.until ?? tombstone.until);
    this.#lifted.set(id, Object.freeze({ ...tombstone, until }));
    this.#endsAt(until, id);
    if (entry === undefined) return undefined;
    this.#remove(entry);
    this.#version++;
    return entry.record;
  }

  /**
   * Returns the record that decides about a caller; `undefined` if none refuses it. Records of one token or session and bans come
   * first, then the newest cutoff.
   */
  find(auth: AuthContext): RevocationRecord | undefined {
    if (this.#byId.size === 0) return undefined;
    const now = this.#settings.now();
    let cutoff: (RevocationRecord & { readonly issuedBefore: number }) | undefined;
    for (const key of callerKeys(auth, this.#sessions > 0)) {
      for (const record of this.#at(key)) {
        if (now >= record.until) continue;
        if (!isCutoff(record)) return record;
        if (cutoff === undefined || record.issuedBefore > cutoff.issuedBefore) cutoff = record;
      }
    }
    // What the newest cutoff lets pass, all earlier ones let pass.
    if (cutoff === undefined || !isCutOff(auth, cutoff.issuedBefore, this.#settings.margin)) return undefined;
    return cutoff;
  }

  get(id: string): RevocationRecord | undefined {
    const record = this.#byId.get(id)?.record;
    return record !== undefined && this.#lasts(record) ? record : undefined;
  }

  /** Returns the tombstone of a record that was lifted. */
  tombstone(id: string): Tombstone | undefined {
    return this.#lifted.get(id);
  }

  /** Returns the record that revokes the same for the same source. */
  same(
    key: string,
    issuedBefore: number | undefined,
    source: string | undefined,
  ): RevocationRecord | undefined {
    return this.#at(key).find(
      (one) => one.issuedBefore === issuedBefore && one.source === source && this.#lasts(one),
    );
  }

  /** Returns the records with a key, or all; the newest first. */
  list(key?: string): readonly RevocationRecord[] {
    const all = key === undefined ? this.#inOrder() : this.#at(key);
    return all.filter((record) => this.#lasts(record)).sort((one, other) => other.at - one.at);
  }

  /** Returns all tombstones that have not ended, for another store. */
  tombstones(): readonly Tombstone[] {
    return [...this.#lifted.values()];
  }

  /** Removes what has ended. Looks only at that. */
  sweep(): void {
    const now = this.#settings.now();
    const minute = Math.floor(now / MINUTE);
    if (!(minute > this.#sweptAt)) return;
    this.#sweptAt = minute;
    for (const [ending, ids] of this.#ending) {
      if (ending >= minute) continue;
      this.#ending.delete(ending);
      for (const id of ids) this.#drop(id, now);
    }
  }

  /** A record may have got a later end since it was put among those of a minute. */
  #drop(id: string, now: number): void {
    const entry = this.#byId.get(id);
    if (entry !== undefined && now >= entry.record.until) this.#remove(entry);
    const tombstone = this.#lifted.get(id);
    if (tombstone !== undefined && now >= tombstone.until) this.#lifted.delete(id);
  }

  #endsAt(until: number, id: string): void {
    if (until === Number.POSITIVE_INFINITY) return;
    const minute = Math.floor(until / MINUTE);
    const ids = this.#ending.get(minute);
    if (ids === undefined) this.#ending.set(minute, [id]);
    else ids.push(id);
  }

  #remove(entry: Entry): void {
    this.#byId.delete(entry.record.id);
    this.#unlink(entry);
    this.#count(entry.record, -1);
  }

  #unlink({ record, key }: Entry): void {
    const [first, ...others] = this.#at(key).filter((one) => one !== record);
    if (first === undefined) this.#byKey.delete(key);
    else this.#byKey.set(key, others.length === 0 ? first : [first, ...others]);
  }

  #count(record: RevocationRecord, by: 1 | -1): void {
    if (kindOf(record.target) === 'session') this.#sessions += by;
  }

  #inOrder(): readonly RevocationRecord[] {
    const entries = [...this.#byId.values()].sort((one, other) => one.order - other.order);
    return entries.map(({ record }) => record);
  }

  #at(key: string): readonly RevocationRecord[] {
    const there = this.#byKey.get(key);
    if (there === undefined) return NONE;
    return Array.isArray(there) ? (there as readonly RevocationRecord[]) : [there as RevocationRecord];
  }

  #lasts(record: RevocationRecord): boolean {
    return !(this.#settings.now() >= record.until);
  }

  /** A cutoff that was set by a process which accepts only shorter tokens lasts as long as tokens may live here. */
  #lasting(record: RevocationRecord, known: number | undefined): RevocationRecord {
    const needed = isCutoff(record) ? endOfCutoff(record.issuedBefore, this.#settings) : record.until;
    const until = Math.max(record.until, needed, known ?? record.until);
    return Object.freeze(until === record.until ? record : { ...record, until });
  }
}

const NONE: readonly RevocationRecord[] = Object.freeze([]);

function isCutoff(record: RevocationRecord): record is RevocationRecord & { readonly issuedBefore: number } {
  return record.issuedBefore !== undefined;
}
