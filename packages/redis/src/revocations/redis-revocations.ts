import {
  type AuthContext,
  type HealthPart,
  ownOptions,
  publishEvent,
  type RevocationChange,
  type RevocationRecord,
  type Revocations,
  type RevokeOptions,
  type Target,
} from '@entra-guard/core';
import {
  ChangeListeners,
  endOfCutoff,
  full,
  RecordIndex,
  readReason,
  readRevocation,
  readTarget,
  recordOf,
  recordText,
  tombstoneText,
  unknown,
} from '@entra-guard/core/revocation';
import { clientOf } from '../client/client-of.js';
import type { RedisClient } from '../client/redis-client.js';
import { assertHashTag, keysOf, STANDARD_PREFIX } from '../log/keys.js';
import { Replica } from '../log/replica.js';
import { type Held, LIFTS_LONGER, type Lift, type Origin, ReplicatedSet } from '../log/replicated-set.js';
import { idIn, longestText, readShared, type Shared } from './contents.js';
import { Eviction } from './eviction.js';
import { LongestToken } from './longest-token.js';
import { Moment } from './moment.js';
import { Notices } from './notices.js';
import { type RedisRevocationOptions, type RedisRevocationSettings, settingsFrom } from './options.js';
import { answerIfLonger } from './roll-call.js';
import { Staleness } from './staleness.js';
import { healthOf } from './store-health.js';
import { notCurrent, notShared } from './unavailable.js';
import { WRITER } from './writer.js';

const TICK = 250;

/**
 * Shares revocations between processes over Redis. Each process holds all records, so that no request waits for Redis; a record holds in
 * all of them within milliseconds. A process without Redis goes on with the records that it read last, for `maxStaleness`.
 *
 * ```ts
 * const revocations = redisRevocations(createClient({ url }), { whenStale: 'refuse' });
 * const guard = entraGuard({ tenantId, clientId, revocations });
 * ```
 *
 * @param client a client of `redis` 5 or 6, or of `ioredis` 5 or 6; of `redis`, call `connect()` as usual. It is not closed.
 * @throws ConfigurationError for anything else, and for invalid options
 */
export function redisRevocations(client: RedisClient, options: RedisRevocationOptions): Revocations {
  return new RedisRevocations(client, settingsFrom(options));
}

class RedisRevocations implements Revocations {
  readonly shared = true;
  readonly margin: number | undefined;
  readonly #settings: RedisRevocationSettings;
  readonly #longest: LongestToken;
  readonly #index: RecordIndex;
  readonly #set: ReplicatedSet<Shared>;
  readonly #replica: Replica<Shared>;
  readonly #staleness: Staleness;
  readonly #notices: Notices;
  readonly #listeners = new ChangeListeners();
  readonly #complete = new Moment();
  readonly #ticking: NodeJS.Timeout;
  readonly #name: string;
  readonly #eviction: Eviction;
  #flips = 0;
  #manyChanged = false;
  #closed = false;

  constructor(given: RedisClient, settings: RedisRevocationSettings) {
    const what = 'redisRevocations(...)';
    const keys = keysOf(what, settings.prefix);
    const client = clientOf(what, given, keys.state);
    this.#name = settings.prefix ?? STANDARD_PREFIX;
    if (client.cluster) assertHashTag(what, this.#name);
    this.#settings = settings;
    this.margin = settings.margin;
    this.#longest = new LongestToken(settings.longestToken);
    this.#staleness = new Staleness(settings.whenStale);
    this.#notices = new Notices(this.#name, settings.log, settings.now);
    const longest = this.#longest;
    const { now, margin } = settings;
    this.#index = new RecordIndex({
      now,
      margin,
      get longestToken() {
        return longest.value;
      },
    });
    this.#set = new ReplicatedSet(readShared, idIn, this.#setListener(), now());
    this.#replica = new Replica({
      client,
      keys,
      set: this.#set,
      now,
      whole: (recovering) => this.#whole(recovering),
      changed: () => this.#changed(),
      asked: (question) => answerIfLonger(client, keys, question, settings.longestToken),
    });
    this.#eviction = new Eviction(client, (policy) => this.#notices.eviction(policy));
    this.#replica.start();
    this.#ticking = setInterval(() => this.#tick(), TICK);
    this.#ticking.unref();
  }

  /** Raised by any process that shares the records: see {@link LongestToken}. */
  get longestToken(): number {
    return this.#longest.value;
  }

  get version(): number | undefined {
    // Once closed, nothing tells that the records have become stale, so it is looked at each time.
    return this.#closed ? undefined : this.#index.version + this.#flips;
  }

  find(auth: AuthContext): RevocationRecord | undefined {
    const record = this.#index.find(auth);
    if (record !== undefined) return record;
    if (this.#closed) this.#look();
    if (this.#staleness.refuses) throw notCurrent(this.health().message);
    return undefined;
  }

  async revoke(target: Target, options: RevokeOptions): Promise<RevocationRecord> {
    const { now, margin, maxEntries } = this.#settings;
    const limits = { longestToken: this.#longest.value, margin };
    const read = readRevocation(target, options, now(), limits);
    this.#index.sweep();
    const same = this.#index.same(read.key, read.issuedBefore, read.source);
    if (same !== undefined) return this.#again(same, read.until);
    if (this.#index.size >= maxEntries) throw full(maxEntries);
    const record = recordOf(read, 'shared');
    await this.#add([{ text: recordText(record, WRITER), until: record.until }]);
    return this.#index.get(record.id) ?? record;
  }

  async lift(id: string, options: { readonly because: string }): Promise<void> {
    const because = readReason('lift(...)', ownOptions('lift(id, …)', options, ['because']).because);
    const record = this.#index.get(id);
    const before = this.#set.liftOf(id);
    if (record === undefined && before === undefined) throw unknown(id);
    if (record === undefined) return this.#confirm(before);
    const at = this.#settings.now();
    const until = record.until + LIFTS_LONGER;
    const lifted = this.#add([{ text: tombstoneText({ id, because, at, until }, WRITER), until }]);
    publishEvent('revocation', () => ({ v: 1, time: at, change: 'lifted', id, because, record }));
    await lifted;
  }

  list(target?: Target): readonly RevocationRecord[] {
    return this.#index.list(target === undefined ? undefined : readTarget(target).key);
  }

  onChange(listener: (change: RevocationChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  async ready(): Promise<void> {
    if (this.#replica.state.complete) return;
    const { startTimeout } = this.#settings;
    await this.#complete.wait(startTimeout);
    this.#look();
    if (this.#replica.state.complete || !this.#staleness.refuses) return;
    throw notCurrent(this.health().message);
  }

  health(): HealthPart {
    this.#look();
    this.#index.sweep();
    return healthOf({
      name: this.#name,
      state: this.#replica.state,
      staleness: this.#staleness,
      entries: this.#index.size,
      maxEntries: this.#settings.maxEntries,
      unreadable: this.#set.unreadable,
      maxStaleness: this.#settings.maxStaleness,
      eviction: this.#eviction.policy,
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#ticking);
    this.#listeners.clear();
    await this.#replica.close();
    this.#complete.come();
  }

  /** What is revoked already is not revoked twice. It may end later than before, and it may not have reached Redis yet. */
  async #again(same: RevocationRecord, until: number): Promise<RevocationRecord> {
    const held = this.#set.get(same.id);
    if (held !== undefined) {
      this.#set.prolong(held, until);
      await this.#confirm(held);
    }
    return this.#index.get(same.id) ?? same;
  }

  async #confirm(held: Held | undefined): Promise<void> {
    if (held !== undefined && held.sharedUntil < held.until) await this.#add([held]);
  }

  async #add(entries: readonly { readonly text: string; readonly until: number }[]): Promise<void> {
    try {
      await this.#replica.add(entries);
    } catch (reason) {
      throw notShared(reason);
    }
  }

  #setListener() {
    return {
      added: (value: Shared, until: number, origin: Origin) => {
        if (value.kind === 'record') this.#put(value.record, until, origin);
        else if (this.#longest.announce(value.id, value.seconds)) this.#prolongAll();
      },
      prolonged: (value: Shared, until: number) => {
        if (value.kind === 'record') this.#index.add({ ...value.record, until });
      },
      lifted: (lift: Lift, until: number, origin: Origin) => this.#lift(lift, until, origin),
      liftProlonged: (id: string, until: number) => {
        const tombstone = this.#index.tombstone(id);
        if (tombstone !== undefined) this.#index.lift({ ...tombstone, until });
      },
      unreadable: (writer: string | undefined) => this.#notices.unreadable(writer),
    };
  }

  #put(given: RevocationRecord, until: number, origin: Origin): void {
    const record = this.#index.add(given.until === until ? given : { ...given, until });
    if (record === undefined) return;
    // The writer may not know yet how long tokens live elsewhere.
    if (record.until > until) this.#prolong(record.id, record.until);
    const { id, at } = record;
    if (origin !== 'local') this.#tellApplied(id, at);
    else publishEvent('revocation', () => ({ v: 1, time: at, change: 'revoked', id, record }));
    if (origin === 'state') this.#manyChanged = true;
    else this.#listeners.tell({ change: 'revoked', record });
  }

  #lift({ lifts: id, because, at }: Lift, until: number, origin: Origin): void {
    if (this.#longest.withdraw(id) && origin === 'log') this.#announce();
    const record = this.#index.lift({ id, because, at, until });
    if (record === undefined) return;
    if (origin !== 'local') this.#tellApplied(id, at);
    if (origin === 'state') this.#manyChanged = true;
    else this.#listeners.tell({ change: 'lifted', record });
  }

  #tellApplied(id: string, at: number): void {
    const time = this.#settings.now();
    const lagMs = Math.max(0, time - at);
    publishEvent('revocation', () => ({ v: 1, time, change: 'applied', id, lagMs }));
  }

  /** Tokens may live longer than was known: what ends by that ends later, in Redis too. */
  #prolongAll(): void {
    const { margin } = this.#settings;
    const limits = { longestToken: this.#longest.value, margin };
    for (const { id, issuedBefore, until } of this.#index.list()) {
      if (issuedBefore === undefined) continue;
      const needed = endOfCutoff(issuedBefore, limits);
      if (needed > until) this.#prolong(id, needed);
    }
  }

  #prolong(id: string, until: number): void {
    const held = this.#set.get(id);
    if (held === undefined || held.until >= until) return;
    this.#set.prolong(held, until);
    this.#replica.send([held]);
  }

  /** All that Redis has was read. */
  #whole(recovering: boolean): void {
    if (!recovering) this.#announce();
    if (!this.#manyChanged) return;
    this.#manyChanged = false;
    this.#listeners.tell({ change: 'all' });
  }

  /** Says how long tokens may live here, unless a value of at least that was announced and not taken back. */
  #announce(): void {
    if (this.#longest.isAnnounced) return;
    this.#replica.send([this.#set.add(longestText(this.#settings.longestToken, WRITER), 'local')]);
  }

  #tick(): void {
    this.#look();
    const now = this.#settings.now();
    this.#index.sweep();
    this.#set.sweep(now);
  }

  #changed(): void {
    const { state } = this.#replica;
    this.#notices.connection(state);
    this.#look();
    if (state.complete) this.#complete.come();
    if (state.connected) this.#eviction.look();
  }

  /** Looks whether the records are stale, and gives remembered tokens another look if that changes what is said about them. */
  #look(): void {
    const { state } = this.#replica;
    const { complete, staleMs } = state;
    const changed = this.#staleness.update(!complete || staleMs > this.#settings.maxStaleness);
    if (changed) this.#flips++;
    this.#notices.staleness(this.#staleness, state);
  }
}
