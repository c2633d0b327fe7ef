import { createHash, timingSafeEqual } from 'node:crypto';
import type { BrowserRequest } from './browser-sign-in.js';
import { ATTEMPT_COOKIE, idIn, newId, setCookie } from './cookies.js';
import type { Asked, AttemptRecord } from './records.js';
import { returnPathOf } from './return-path.js';
import { digestOf, type SealedRecords } from './sealed-records.js';

/** How long a person may take to sign in, in seconds. */
const SECONDS = 600;

/** A sign-in that begins. */
export interface Begun {
  readonly attempt: AttemptRecord;
  /** The value that comes back with the answer (RFC 6749 section 4.1.1). Nothing but the browser knows it. */
  readonly state: string;
  readonly cookie: string;
}

/** Sign-ins that have begun: each is bound to the browser that began it, and answered once. */
export class Attempts {
  readonly #records: SealedRecords;
  readonly #now: () => number;

  constructor(records: SealedRecords, now: () => number) {
    this.#records = records;
    this.#now = now;
  }

  /** @param returnTo where the browser goes afterwards; anything but a path of its origin becomes `/` */
  async begin(
    { app, origin, rawHeaders }: BrowserRequest,
    returnTo: string | null | undefined,
    asked: Asked | undefined,
  ): Promise<Begun> {
    // One cookie for all tabs: a second sign-in does not break the first.
    const browser = idIn(rawHeaders, ATTEMPT_COOKIE) ?? newId();
    const state = newId();
    const attempt: AttemptRecord = {
      v: 1,
      kind: 'attempt',
      app: app.name,
      origin,
      startedAt: this.#now(),
      verifier: newId(),
      nonce: newId(),
      browser: digestOf(browser),
      returnPath: returnPathOf(returnTo, origin),
      ...(asked === undefined ? {} : { asked }),
    };
    await this.#records.set(digestOf(state), attempt, SECONDS * 1_000);
    return { attempt, state, cookie: setCookie(ATTEMPT_COOKIE, browser, SECONDS) };
  }

  /**
   * Takes the sign-in that an answer belongs to: it can be taken once, and only by the browser that began it, at the same application.
   *
   * @returns `undefined` for any other
   */
  async take({ app, origin, rawHeaders }: BrowserRequest, state: string): Promise<AttemptRecord | undefined> {
    const browser = idIn(rawHeaders, ATTEMPT_COOKIE);
    const attempt = await this.#records.take('attempt', digestOf(state));
    if (browser === undefined || attempt === undefined) return undefined;
    const isLate = this.#now() >= attempt.startedAt + SECONDS * 1_000;
    const isHere = attempt.app === app.name && attempt.origin === origin;
    return !isLate && isHere && isSame(digestOf(browser), attempt.browser) ? attempt : undefined;
  }
}

function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
