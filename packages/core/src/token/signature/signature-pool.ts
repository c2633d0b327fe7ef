import { type KeyObject, verify } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setImmediate, setTimeout } from 'node:timers';
import type { Algorithm } from '../../options/options.js';
import { HASH, signatureHolds, verifierOf } from './signature.js';
import { type SignedToken, tokenBytes } from './token-bytes.js';
import { wipe } from './wipe.js';

/** Most signatures under way. The application uses the pool, too, and its jobs wait behind all of them. */
export const MAX_UNDER_WAY = 256;

/**
 * After how many milliseconds without a finished signature the pool counts as blocked. It normally finishes {@link
 * MAX_UNDER_WAY} in a few.
 */
export const PATIENCE = 50;

/** What a pool needs from Node and the machine. */
export interface Engine {
  /** How many threads can run at the same time. With one, the pool would only slow the event loop down. */
  readonly parallelism: number;
  /** `crypto.verify` with a callback. */
  readonly verify: typeof verify;
  readonly setTimeout: (callback: () => void, milliseconds: number) => { unref(): unknown };
  readonly setImmediate: (callback: () => void) => unknown;
}

/**
 * Verifies signatures on the threads of libuv's pool. The application uses this pool for other jobs, such as file
 * access, `dns.lookup` and compression. While those block all threads, signatures are verified on this thread instead,
 * so that requests don't wait.
 */
export class SignaturePool {
  readonly #engine: Engine;
  /** A function per unanswered signature, which verifies it on this thread at once. */
  readonly #underWay = new Set<() => void>();
  /** Whether the pool has finished no signature for {@link PATIENCE}, and none since. */
  #blocked = false;
  #watched = false;
  /** Whether the pool has finished a signature since it is watched. */
  #finishedOne = false;

  constructor(engine: Engine = { parallelism: availableParallelism(), verify, setTimeout, setImmediate }) {
    this.#engine = engine;
  }

  get isBusy(): boolean {
    return this.#underWay.size > 0;
  }

  get hasRoom(): boolean {
    return this.#engine.parallelism > 1 && !this.#blocked && this.#underWay.size < MAX_UNDER_WAY;
  }

  /** Like the function {@link signatureHolds}, but verifies on a thread of the pool. */
  signatureHolds(jws: SignedToken, key: KeyObject, algorithm: Algorithm): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const [signed, signature] = tokenBytes.withSignature(jws, (...parts) =>
        parts.map((part) => Buffer.from(part)),
      ) as [Buffer, Buffer];
      const answerNow = () => {
        try {
          resolve(signatureHolds(jws, key, algorithm));
        } catch (error) {
          reject(error);
        }
      };
      this.#engine.verify(HASH, signed, verifierOf(key, algorithm), signature, (error, holds) => {
        wipe(signed, signed.length);
        wipe(signature, signature.length);
        this.#underWay.delete(answerNow);
        this.#blocked = false;
        this.#finishedOne = true;
        if (error) reject(error);
        else resolve(holds === true);
      });
      this.#underWay.add(answerNow);
      this.#watch();
    });
  }

  #watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#finishedOne = false;
    this.#engine.setTimeout(() => this.#look(), PATIENCE).unref();
  }

  #look(): void {
    // After a blocked event loop, finished answers may not have been delivered yet. They are delivered before an
    // immediate runs.
    this.#engine.setImmediate(() => {
      this.#watched = false;
      if (!this.isBusy) return;
      if (this.#finishedOne) this.#watch();
      else this.#takeBack();
    });
  }

  #takeBack(): void {
    this.#blocked = true;
    const waiting = [...this.#underWay];
    this.#underWay.clear();
    for (const answerNow of waiting) answerNow();
  }
}
