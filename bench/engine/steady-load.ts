import { Pool } from 'undici';
import { send } from './load.js';

/** Requests that arrive at a steady rate, whether or not earlier ones were answered. */
export interface Arrivals {
  readonly tokens: readonly string[];
  /** A second. */
  readonly rate: number;
}

/** How long answers took, in milliseconds, and what they were. */
export interface Latencies {
  readonly milliseconds: readonly number[];
  /** How often each status was given. */
  readonly statuses: ReadonlyMap<number, number>;
}

const CONNECTIONS = 64;

/**
 * Sends several kinds of requests at the same time, each over connections of its own, and gives the latencies of each. The
 * clock of a request starts when it arrives, not when a connection is free for it.
 */
export async function steadyLoad(
  origin: string,
  seconds: number,
  kinds: readonly Arrivals[],
): Promise<readonly Latencies[]> {
  const streams = kinds.map((arrivals) => new Stream(origin, arrivals));
  const started = performance.now();
  await new Promise<void>((resolve) => {
    const tick = () => {
      const elapsed = (performance.now() - started) / 1000;
      if (elapsed >= seconds) {
        resolve();
        return;
      }
      for (const stream of streams) stream.arrive(elapsed);
      setTimeout(tick, 1);
    };
    tick();
  });
  return Promise.all(streams.map((stream) => stream.finished()));
}

class Stream {
  readonly #pool: Pool;
  readonly #arrivals: Arrivals;
  readonly #milliseconds: number[] = [];
  readonly #statuses = new Map<number, number>();
  readonly #pending: Promise<void>[] = [];
  #sent = 0;

  constructor(origin: string, arrivals: Arrivals) {
    this.#pool = new Pool(origin, { connections: CONNECTIONS, pipelining: 1 });
    this.#arrivals = arrivals;
  }

  /** Sends what is due by now. */
  arrive(elapsed: number): void {
    const { rate, tokens } = this.#arrivals;
    for (; this.#sent < elapsed * rate; this.#sent++) {
      this.#pending.push(this.#one(tokens[this.#sent % tokens.length] as string));
    }
  }

  async finished(): Promise<Latencies> {
    await Promise.all(this.#pending);
    await this.#pool.close();
    return { milliseconds: this.#milliseconds, statuses: this.#statuses };
  }

  async #one(token: string): Promise<void> {
    const arrived = performance.now();
    const status = await send(this.#pool, token);
    this.#milliseconds.push(performance.now() - arrived);
    this.#statuses.set(status, (this.#statuses.get(status) ?? 0) + 1);
  }
}
