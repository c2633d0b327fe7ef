import type { Client } from '../client/connection.js';
import { within } from '../client/deadline.js';
import { infoReply } from '../client/info.js';

/** How often, at most, a server that evicts is asked whether that was changed, in milliseconds. */
const AGAIN = 60_000;
const WAITS = 3000;

/** Whether the server may drop keys when its memory is full, which would lift what is revoked for processes that start. */
export class Eviction {
  readonly #client: Client;
  readonly #changed: (policy: string) => void;
  #askedAt = Number.NEGATIVE_INFINITY;
  #isOver = false;
  #policy: string | undefined;

  /** @param changed called when it is found out that keys without a time to live may be dropped, and by which policy */
  constructor(client: Client, changed: (policy: string) => void) {
    this.#client = client;
    this.#changed = changed;
  }

  /** The policy, if it drops keys without a time to live, as those of records are. `undefined` where that is not known, too. */
  get policy(): string | undefined {
    return this.#policy;
  }

  /** Asks the server: once, and again only while it evicts. To be called at any time; returns at once. */
  look(): void {
    if (this.#isOver || performance.now() - this.#askedAt < AGAIN) return;
    this.#askedAt = performance.now();
    void this.#ask();
  }

  async #ask(): Promise<void> {
    try {
      const reply = await within(WAITS, this.#client.send(['INFO', 'memory']), 'Redis did not reply');
      const before = this.#policy;
      const policy = infoReply(reply).get('maxmemory_policy');
      this.#policy = evictsAnything(policy) ? policy : undefined;
      this.#isOver = this.#policy === undefined;
      if (this.#policy !== undefined && before === undefined) this.#changed(this.#policy);
    } catch (reason) {
      // Without an answer nothing is claimed. A server that refuses one does so the next time, too.
      this.#isOver = this.#policy === undefined && isRefusal(reason);
    }
  }
}

function isRefusal(reason: unknown): boolean {
  return reason instanceof Error && /^(NOPERM|ERR)\b/.test(reason.message);
}

/** Whether a policy drops keys that have no time to live (Redis: key eviction). */
export function evictsAnything(policy: string | undefined): boolean {
  return policy?.startsWith('allkeys-') === true;
}
