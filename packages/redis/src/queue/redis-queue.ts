import { randomUUID } from 'node:crypto';
import { ConfigurationError, type HealthPart, ownOptions } from '@entra-guard/core';
import { clientOf } from '../client/client-of.js';
import type { Client } from '../client/connection.js';
import { within } from '../client/deadline.js';
import type { RedisClient } from '../client/redis-client.js';
import { textReply } from '../client/replies.js';
import { assertKnown } from '../known-options.js';
import { assertHashTag, prefixFrom } from '../log/keys.js';
import { reasonOf } from '../revocations/store-health.js';
import type { QueueJob, QueueJobs, RedisQueue, TakenQueueJob } from './queue-contract.js';
import { QUEUE } from './queue-keys.js';
import { countReply, flagReply, takenReply } from './queue-replies.js';
import { COUNT, DONE, KEY_NAMES, LEAD, PUT, REMEMBER, RESIGN, RETRY, TAKE } from './scripts.js';

/** Options of {@link redisQueue}. */
export interface RedisQueueOptions {
  /**
   * The beginning of all keys, as of `redisRevocations`. Default `'{entra-guard}'`, whose braces keep the keys on one server of a cluster.
   */
  readonly prefix?: string;
  /** Milliseconds since the epoch, for tests: the same in all processes. Default: the server's clock. */
  readonly now?: () => number;
}

const WHAT = 'redisQueue(...)';
const NAMES = ['prefix', 'now'] as const satisfies readonly (keyof RedisQueueOptions)[];
/** For how long Redis may keep a caller waiting, in milliseconds: Microsoft Graph gives a notification up after 3 seconds. */
const DEADLINE = 2000;
/** How much earlier than others an urgent job counts as due, in milliseconds. */
const URGENT = 86_400_000;
/** How many jobs are sent in one command. */
const AT_ONCE = 500;

/**
 * Keeps jobs in Redis that the processes of an API share, such as those of `graphLeavers(...)` of `@entra-guard/graph`: a job is lost
 * with no process, one process works on it at a time, and one of them leads.
 *
 * ```ts
 * const leavers = graphLeavers({ revocations, tenantId, getToken, queue: redisQueue(client) });
 * ```
 *
 * @param client a client of `redis` 5 or 6, or of `ioredis` 5 or 6; of `redis`, call `connect()` as usual. It is not closed.
 * @throws ConfigurationError for anything else, and for invalid options
 */
export function redisQueue(client: RedisClient, options: RedisQueueOptions = {}): RedisQueue {
  const own = ownOptions(WHAT, options, NAMES);
  assertKnown(WHAT, own, NAMES);
  const prefix = prefixFrom(WHAT, own.prefix);
  if (own.now !== undefined && typeof own.now !== 'function') {
    throw new ConfigurationError(
      `${WHAT}: now is of type ${typeof own.now}.`,
      'Pass a function, or leave it out.',
    );
  }
  return new SharedQueue(client, prefix, own.now);
}

class SharedQueue implements RedisQueue {
  readonly shared = true;
  readonly #client: Client;
  readonly #prefix: string;
  readonly #now: (() => number) | undefined;
  #lastError: string | undefined;
  #fails = false;

  constructor(client: RedisClient, prefix: string, now: (() => number) | undefined) {
    this.#client = clientOf(WHAT, client, `${prefix}:queue`);
    if (this.#client.cluster) assertHashTag(WHAT, prefix);
    this.#prefix = prefix;
    this.#now = now;
  }

  open(name: string): QueueJobs {
    return new SharedJobs(
      (command) => this.#send(command),
      `${this.#prefix}:${QUEUE}:${readName('open(name)', name)}`,
      () => (this.#now === undefined ? '' : String(Math.floor(this.#now()))),
    );
  }

  health(): HealthPart {
    const lastError = this.#lastError;
    return {
      part: 'feed',
      name: this.#prefix,
      status: this.#fails ? 'degraded' : 'up',
      message: this.#fails
        ? 'Redis does not answer: jobs are neither kept nor worked on.'
        : 'Jobs are shared.',
      shared: true,
      ...(lastError === undefined ? {} : { lastError }),
    };
  }

  async close(): Promise<void> {}

  async #send(command: readonly [string, ...string[]]): Promise<unknown> {
    try {
      const reply = await within(DEADLINE, this.#client.send(command), 'Redis did not reply');
      this.#fails = false;
      return reply;
    } catch (reason) {
      this.#fails = true;
      this.#lastError = reasonOf(reason);
      throw reason;
    }
  }
}

class SharedJobs implements QueueJobs {
  readonly #send: (command: readonly [string, ...string[]]) => Promise<unknown>;
  readonly #base: string;
  readonly #keys: readonly string[];
  readonly #now: () => string;

  constructor(
    send: (command: readonly [string, ...string[]]) => Promise<unknown>,
    base: string,
    now: () => string,
  ) {
    this.#send = send;
    this.#base = base;
    this.#keys = KEY_NAMES.map((name) => `${base}:${name}`);
    this.#now = now;
  }

  async put(jobs: readonly QueueJob[], { urgent = false } = {}): Promise<void> {
    const flat = jobs.flatMap(({ key, text }) => [readName('put(jobs): key', key), text]);
    for (let at = 0; at < flat.length; at += 2 * AT_ONCE) {
      const some = flat.slice(at, at + 2 * AT_ONCE);
      flagReply(await this.#run(PUT, [urgent ? String(URGENT) : '0', ...some]));
    }
  }

  async take(forMs: number): Promise<TakenQueueJob | undefined> {
    const claim = randomUUID();
    const taken = takenReply(await this.#run(TAKE, [String(forMs), claim]));
    return taken === undefined ? undefined : { ...taken, claim };
  }

  async done(
    { key, claim, text }: TakenQueueJob,
    options: { readonly againIn?: number | undefined } = {},
  ): Promise<boolean> {
    const { againIn } = options;
    const due = againIn === undefined ? '' : String(Math.ceil(againIn));
    return flagReply(await this.#run(DONE, [key, claim, text, due]));
  }

  async retry({ key, claim }: TakenQueueJob, inMs: number): Promise<boolean> {
    return flagReply(await this.#run(RETRY, [key, claim, String(Math.ceil(inMs))]));
  }

  async count(): Promise<{ readonly waiting: number; readonly tried: number }> {
    return countReply(await this.#run(COUNT, []));
  }

  async recall(name: string): Promise<string | undefined> {
    return textReply(await this.#send(['GET', this.#textKey(name)]));
  }

  async remember(
    name: string,
    text: string,
    { forMs, claim = '' }: { readonly forMs?: number; readonly claim?: string } = {},
  ): Promise<boolean> {
    const expiry = forMs === undefined ? '' : String(Math.max(1, Math.ceil(forMs)));
    return flagReply(await this.#run(REMEMBER, [text, expiry, claim], [this.#textKey(name)]));
  }

  async lead(claim: string, forMs: number): Promise<boolean> {
    return flagReply(await this.#run(LEAD, [claim, String(forMs)]));
  }

  async resign(claim: string): Promise<void> {
    await this.#run(RESIGN, [claim]);
  }

  #textKey(name: string): string {
    return `${this.#base}:text:${readName('recall(name)', name)}`;
  }

  #run(script: string, args: readonly string[], more: readonly string[] = []): Promise<unknown> {
    const keys = [...this.#keys, ...more];
    return this.#send(['EVAL', script, String(keys.length), ...keys, this.#now(), ...args]);
  }
}

function readName(what: string, name: unknown): string {
  if (typeof name === 'string' && /^[!-~]{1,100}$/.test(name)) return name;
  throw new ConfigurationError(
    `${WHAT}: ${what} is ${typeof name === 'string' ? `text of ${name.length} characters` : typeof name}.`,
    'Pass 1 to 100 visible ASCII characters.',
  );
}
