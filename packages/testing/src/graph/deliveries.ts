import type { EntraServices } from '../endpoints/call.js';
import { isLoopbackUrl } from '../endpoints/loopback-url.js';

/** How long an attempt may take in milliseconds (Graph: delivery of change notifications). */
const attemptTimeout = 10_000;
/** For how long a notification is tried again, in milliseconds. */
const retriedFor = 4 * 3_600_000;
/** Milliseconds until the next attempt, by the number of attempts before. The last one repeats. */
const pauses = [10_000, 30_000, 60_000, 300_000, 900_000, 1_800_000, 3_600_000] as const;
/** Limit of notifications that wait. More evict the oldest. */
const maxWaiting = 1000;

/** One notification on its way. */
export interface Delivery {
  readonly url: string;
  /** Makes the body of the next attempt; `undefined` if the subscription has ended meanwhile. */
  readonly body: () => unknown;
}

interface Waiting extends Delivery {
  readonly since: number;
  attempts: number;
  /** When the next attempt is due. Milliseconds since the epoch. */
  due: number;
}

/** Sends a request to a subscriber: to a port of this machine, or to the test's handler. */
export async function send(
  { notifications, closed }: EntraServices,
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly body: string },
): Promise<Response> {
  const signal = AbortSignal.any([closed, AbortSignal.timeout(attemptTimeout)]);
  const request = new Request(url, { method: 'POST', redirect: 'manual', ...init, signal });
  const { handler } = notifications;
  if (handler !== undefined) {
    return Promise.race([Promise.resolve(handler(request)), aborted(signal)]);
  }
  if (!isLoopbackUrl(url)) throw new Error(`Notifications go to this machine only, and ${url} is not on it.`);
  return globalThis.fetch(request);
}

/** Whether notifications can go to a URL. */
export function isReachable({ notifications }: EntraServices, url: string): boolean {
  return URL.canParse(url) && (notifications.handler !== undefined || isLoopbackUrl(url));
}

async function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });
}

/** Delivers notifications, and tries again after growing pauses. Time is the local Entra's. */
export class Deliveries {
  readonly #entra: EntraServices;
  #waiting: Waiting[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(entra: EntraServices) {
    this.#entra = entra;
    const end = entra.onAdvance(() => this.flush());
    entra.closed.addEventListener('abort', () => {
      end();
      clearTimeout(this.#timer);
      this.#waiting = [];
    });
  }

  add(delivery: Delivery): void {
    const now = this.#entra.now();
    this.#waiting.push({ ...delivery, since: now, attempts: 0, due: now });
    if (this.#waiting.length > maxWaiting) this.#waiting.shift();
    // After the request that caused it has been answered.
    setImmediate(() => this.flush());
  }

  /** Starts all attempts that are due. */
  flush(): void {
    if (this.#entra.closed.aborted) return;
    const now = this.#entra.now();
    const due = this.#waiting.filter((one) => one.due <= now);
    this.#waiting = this.#waiting.filter((one) => one.due > now);
    for (const one of due) void this.#attempt(one);
    this.#wait();
  }

  async #attempt(one: Waiting): Promise<void> {
    const body = one.body();
    if (body === undefined) return;
    one.attempts += 1;
    if (await this.#isTaken(one.url, body)) return;
    const now = this.#entra.now();
    if (this.#entra.closed.aborted || now - one.since >= retriedFor) return;
    one.due = now + (pauses[one.attempts - 1] ?? pauses[pauses.length - 1] ?? 0);
    this.#waiting.push(one);
    this.#wait();
  }

  async #isTaken(url: string, body: unknown): Promise<boolean> {
    try {
      const answer = await send(this.#entra, url, {
        headers: { 'content-type': 'application/json; charset=utf-8' },
        body: JSON.stringify(body),
      });
      await answer.body?.cancel();
      return answer.ok;
    } catch {
      return false;
    }
  }

  /** Sets the timer for the next attempt. It does not keep the process alive. */
  #wait(): void {
    clearTimeout(this.#timer);
    if (this.#waiting.length === 0) return;
    const due = Math.min(...this.#waiting.map((one) => one.due));
    this.#timer = setTimeout(() => this.flush(), Math.max(1, due - this.#entra.now()));
    this.#timer.unref();
  }
}
