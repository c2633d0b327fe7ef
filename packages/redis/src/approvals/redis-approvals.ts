import {
  type ApprovalClaim,
  type ApprovalDecided,
  type ApprovalRecord,
  type ApprovalRequest,
  type ApprovalStore,
  type ApprovalVerdict,
  ConfigurationError,
  type HealthPart,
  type KeyRing,
  ownOptions,
  UnavailableError,
} from '@entra-guard/core';
import {
  approvalText,
  bindingText,
  decidedRecord,
  pendingRecord,
  readApproval,
  type Sealing,
  sealingOf,
} from '@entra-guard/core/approvals';
import { clientOf } from '../client/client-of.js';
import type { Client, Command } from '../client/connection.js';
import { within } from '../client/deadline.js';
import type { RedisClient } from '../client/redis-client.js';
import { textReply } from '../client/replies.js';
import { assertKnown } from '../known-options.js';
import { assertHashTag, prefixFrom } from '../log/keys.js';
import { flagReply } from '../queue/queue-replies.js';
import { reasonOf } from '../revocations/store-health.js';
import { WRITER } from '../revocations/writer.js';
import { ApprovalNames } from './approval-names.js';
import { madeReply } from './approval-replies.js';
import { MAKE, SETTLE } from './scripts.js';
import { UsedApprovals } from './used-approvals.js';

/** Options of {@link redisApprovals}. */
export interface RedisApprovalsOptions {
  /**
   * What seals the records: `keyRing([{ id, secret }])`. All processes need the same keys. To change them, add the new one behind the
   * others in all processes, then put it first.
   */
  readonly ring: KeyRing;
  /**
   * The beginning of all keys, as of `redisRevocations`. Default `'{entra-guard}'`, whose braces keep the keys on one server of a
   * cluster. Each API needs its own: an approval does not say of which API it is.
   */
  readonly prefix?: string;
  /** Returns the address of the page where a person approves. Default: that of the routes, or none. */
  readonly approveUrl?: (id: string) => string;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

const WHAT = 'redisApprovals(...)';
const NAMES = [
  'ring',
  'prefix',
  'approveUrl',
  'now',
] as const satisfies readonly (keyof RedisApprovalsOptions)[];
const PURPOSE = 'entra-guard-approval';
/** For how long Redis may keep a request waiting, in milliseconds. */
const DEADLINE = 2000;
/** How often a step is taken again, because another process was faster. */
const ATTEMPTS = 5;
const MOST_UNREADABLE = 1000;
/** For how long a record that can't be read is told of, in milliseconds: no approval lasts longer. */
const DAY = 86_400_000;

/**
 * Keeps approvals in Redis, for all processes of an API: sealed, so that neither what is approved can be read there nor an approval be
 * written, and each with its end. Uses `GET`, and `EVAL` of scripts with `SET`, `DEL`, `PTTL` and sorted sets.
 *
 * ```ts
 * const approvals = redisApprovals(client, { ring: keyRing([{ id: '2026-11', secret: process.env.SEALING_KEY }]) });
 * ```
 *
 * @param client a client of `redis` 5 or 6, or of `ioredis` 5 or 6; of `redis`, call `connect()` as usual. It is not closed.
 * @throws ConfigurationError for anything else, and for invalid options
 */
export function redisApprovals(client: RedisClient, options: RedisApprovalsOptions): ApprovalStore {
  const own = ownOptions(WHAT, options, NAMES);
  assertKnown(WHAT, own, NAMES);
  const sealing = sealingOf(WHAT, own.ring);
  const prefix = prefixFrom(WHAT, own.prefix);
  const [approveUrl, now] = [readFunction('approveUrl', own.approveUrl), readFunction('now', own.now)];
  const settings = { prefix, ring: own.ring, sealing, now: now ?? (() => Date.now()) };
  const store = new RedisApprovals(client, settings);
  return approveUrl === undefined ? store : Object.assign(store, { approveUrl });
}

function readFunction<F>(name: string, value: F | undefined): F | undefined {
  if (value === undefined || typeof value === 'function') return value;
  throw new ConfigurationError(
    `${WHAT}: ${name} is of type ${typeof value}.`,
    'Pass a function, or leave it out.',
  );
}

interface Settings {
  readonly prefix: string;
  readonly ring: KeyRing;
  readonly sealing: Sealing;
  readonly now: () => number;
}

/** What was read under a name. */
interface Found {
  readonly name: string;
  readonly sealed: string;
  readonly record: ApprovalRecord;
}

class RedisApprovals implements ApprovalStore {
  readonly shared = true;
  readonly #client: Client;
  readonly #names: ApprovalNames;
  readonly #settings: Settings;
  readonly #used: UsedApprovals;
  /** When records could not be read, by their names; in milliseconds since the epoch. */
  readonly #unreadable = new Map<string, number>();
  #lastError: string | undefined;
  #fails = false;

  constructor(client: RedisClient, settings: Settings) {
    const { prefix, ring, sealing, now } = settings;
    this.#client = clientOf(WHAT, client, `${prefix}:approvals`);
    if (this.#client.cluster) assertHashTag(WHAT, prefix);
    this.#names = new ApprovalNames(prefix, ring, sealing);
    this.#settings = settings;
    this.#used = new UsedApprovals(now);
  }

  async claim(
    request: ApprovalRequest,
    { validForMs, most }: { readonly validForMs: number; readonly most: number },
  ): Promise<ApprovalClaim> {
    const records = this.#names.records(request);
    const pending = this.#names.pending(request);
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const now = this.#settings.now();
      const { found, ended } = await this.#findAny(records, request, now);
      if (found?.record.state === 'approved') {
        if (!(await this.#settle(found, ''))) continue;
        if (this.#used.add(found.record)) return { state: 'used', record: found.record };
        continue;
      }
      if (found?.record.state === 'denied') return { state: 'denied', record: found.record };
      if (found !== undefined) return { state: 'pending', record: found.record, made: false };
      const record = pendingRecord(request, validForMs, now);
      const keys = [this.#names.pointer(record.id), ...records, ...pending];
      const made = madeReply(
        await this.#send([
          'EVAL',
          MAKE,
          String(keys.length),
          ...keys,
          String(records.length),
          String(Math.floor(now)),
          this.#seal(record),
          String(Math.max(1, Math.floor(validForMs))),
          record.id,
          String(Math.floor(record.expiresAt)),
          String(most),
          ...ended,
        ]),
      );
      if (made.state === 'made') return { state: 'pending', record, made: true };
      if (made.state === 'full') return made;
    }
    throw unavailable('Other processes change the approval of this very call all the time.');
  }

  async find(id: string): Promise<ApprovalRecord | undefined> {
    return (await this.#findById(id))?.record;
  }

  async decide(id: string, verdict: ApprovalVerdict): Promise<ApprovalDecided | undefined> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      const found = await this.#findById(id);
      if (found === undefined) return undefined;
      const decided = decidedRecord(found.record, verdict);
      if (!decided.changed || (await this.#settle(found, this.#seal(decided.record)))) return decided;
    }
    throw unavailable('Other processes change this very approval all the time.');
  }

  health(): HealthPart {
    const now = this.#settings.now();
    for (const [name, at] of this.#unreadable) if (now - at > DAY) this.#unreadable.delete(name);
    const unreadable = this.#unreadable.size;
    const facts = { part: 'approvals', name: this.#settings.prefix, shared: true, unreadable } as const;
    const told = this.#lastError === undefined ? facts : { ...facts, lastError: this.#lastError };
    if (this.#fails) {
      const message = 'Redis does not answer: calls that need an approval are answered 503.';
      return { ...told, status: 'down', message };
    }
    if (unreadable === 0) return { ...told, status: 'up', message: 'Approvals are shared.' };
    const message = `${unreadable} approvals can't be read by this process, and their calls are answered 503. Install the release that wrote them, and give all processes the same keys.`;
    return { ...told, status: 'degraded', message };
  }

  /** Does nothing: the client is the application's. */
  async close(): Promise<void> {}

  /** @returns the record of a binding, and the texts of those that have ended */
  async #findAny(
    names: readonly string[],
    request: ApprovalRequest,
    now: number,
  ): Promise<{ readonly found: Found | undefined; readonly ended: readonly string[] }> {
    const binding = bindingText(request);
    const ended: string[] = [];
    for (const name of names) {
      const sealed = textReply(await this.#send(['GET', name]));
      if (sealed === undefined) {
        this.#unreadable.delete(name);
        continue;
      }
      const record = this.#open(name, sealed, (one) => bindingText(one) === binding);
      if (record.expiresAt > now) return { found: { name, sealed, record }, ended };
      ended.push(sealed);
    }
    return { found: undefined, ended };
  }

  async #findById(id: string): Promise<Found | undefined> {
    if (!/^[\w-]{22,64}$/.test(id)) return undefined;
    const name = textReply(await this.#send(['GET', this.#names.pointer(id)]));
    if (name === undefined || !this.#names.isRecord(name)) return undefined;
    const sealed = textReply(await this.#send(['GET', name]));
    if (sealed === undefined) return undefined;
    const record = this.#open(name, sealed, (one) => this.#names.records(one).includes(name));
    // A later request of the same binding has another ID.
    if (record.id !== id || !(record.expiresAt > this.#settings.now())) return undefined;
    return { name, sealed, record };
  }

  /** @returns whether what was read was still there */
  async #settle({ name, sealed, record }: Found, replacement: string): Promise<boolean> {
    const keys = [name, this.#names.pointer(record.id), ...this.#names.pending(record)];
    const reply = await this.#send([
      'EVAL',
      SETTLE,
      String(keys.length),
      ...keys,
      sealed,
      replacement,
      record.id,
    ]);
    return flagReply(reply);
  }

  #seal(record: ApprovalRecord): string {
    return this.#settings.sealing.seal(PURPOSE, approvalText(record, WRITER));
  }

  /**
   * @param belongs whether a record is where it belongs: a sealed text may have been copied from another place
   * @throws UnavailableError for what can't be read: it may be an approval, or a denial
   */
  #open(name: string, sealed: string, belongs: (record: ApprovalRecord) => boolean): ApprovalRecord {
    const opened = this.#settings.sealing.open(PURPOSE, sealed);
    const read = opened.state === 'opened' ? readApproval(opened.text) : undefined;
    if (read?.state === 'record' && belongs(read.record)) {
      this.#unreadable.delete(name);
      return read.record;
    }
    if (this.#unreadable.size < MOST_UNREADABLE) this.#unreadable.set(name, this.#settings.now());
    throw unavailable(whyUnread(opened, read));
  }

  async #send(command: Command): Promise<unknown> {
    try {
      const reply = await within(DEADLINE, this.#client.send(command), 'Redis did not reply');
      this.#fails = false;
      return reply;
    } catch (reason) {
      this.#fails = true;
      this.#lastError = reasonOf(reason);
      throw unavailable(`Redis did not take the command: ${this.#lastError}`, reason);
    }
  }
}

function whyUnread(
  opened: ReturnType<Sealing['open']>,
  read: ReturnType<typeof readApproval> | undefined,
): string {
  if (opened.state === 'key')
    return `An approval is sealed with the key '${opened.found}', which the ring lacks.`;
  if (opened.state === 'version')
    return `An approval has the form ${opened.found}, which this release can't read.`;
  if (read?.state === 'unreadable' && read.writer !== undefined) {
    return `An approval was written by release ${read.writer.slice(0, 40)}, and this release can't read it.`;
  }
  return 'An approval was changed in Redis, moved there, or sealed with another secret.';
}

function unavailable(message: string, cause?: unknown): UnavailableError {
  return new UnavailableError({
    part: 'approvals',
    message: `It can't be told whether the call was approved. ${message}`,
    hint: 'No call that needs an approval is let in meanwhile. The health of the guard says how many approvals are concerned.',
    retryAfter: 5,
    ...(cause === undefined ? {} : { cause }),
  });
}
