import { type KeyObject, verify } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { setImmediate, setTimeout } from 'node:timers';
import type { Algorithm } from '../../options/options.js';
import { HASH, signatureHolds, verifierOf } from './signature.js';
import { type SignedToken, tokenBytes } from './token-bytes.js';
import { wipe } from './wipe.js';

/** Most signatures under way: the pool is the application's too, and a job of its own would wait behind them all. */
export const MAX_UNDER_WAY = 256;

/** How long the pool may finish none of them; milliseconds. It finishes {@link MAX_UNDER_WAY} in a few. */
export const PATIENCE = 50;

/** What a pool needs of Node and the machine. */
export interface Engine {
  /** How many threads can run at the same time. With one, those of the pool would only hold up the event loop. */
  readonly parallelism: number;
  /** `crypto.verify` with a callback. */
  readonly verify: typeof verify;
  readonly setTimeout: (callback: () => void, milliseconds: number) => { unref(): unknown };
  readonly setImmediate: (callback: () => void) => unknown;
}

/**
 * Verifies signatures on the threads of libuv's pool. It is shared with whatever else the application has there: file
 * access, `dns.lookup`, compression. While that holds all threads, nobody waits: what is under way is verified here.
 */
export class SignaturePool {
  readonly #engine: Engine;
  /** What has no answer yet; called, each gives it at once. */
  readonly #underWay = new Set<() => void>();
  /** It has finished none for {@link PATIENCE}, and none since. */
  #blocked = false;
  #watched = false;
  /** Since it is watched. */
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

  /** Tells like {@link signatureHolds} whether the key made the token's signature, once a thread has verified it. */
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
    // Where the event loop was held up, answers may be there that nobody has fetched: they come before an immediate does.
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
