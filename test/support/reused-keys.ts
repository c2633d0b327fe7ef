import crypto, { type KeyObject } from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';

/**
 * Each local Entra makes an RSA key, which takes longer than most tests. A worker makes a few, and then takes them in turn: far more
 * than the local Entras and rotations of one test, so that two of them never share a key.
 */
const MADE = 24;

type Done = (error: Error | null, publicKey: KeyObject, privateKey: KeyObject) => void;
type Made = (type: 'rsa', options: { readonly modulusLength: number }, done: Done) => void;
interface Pool {
  readonly pairs: { readonly publicKey: KeyObject; readonly privateKey: KeyObject }[];
  next: number;
}

// A worker runs this file before each test file.
const shared = globalThis as { [key: symbol]: Pool | undefined };
const name = Symbol.for('entra-guard.test.keys');

if (shared[name] === undefined) {
  const pool: Pool = { pairs: [], next: 0 };
  shared[name] = pool;
  const original = crypto.generateKeyPair as unknown as Made;
  const reusing: Made = (type, options, done) => {
    const pair = pool.pairs.length < MADE ? undefined : pool.pairs[pool.next++ % MADE];
    if (pair === undefined) {
      original(type, options, (error, publicKey, privateKey) => {
        if (error === null) pool.pairs.push({ publicKey, privateKey });
        done(error, publicKey, privateKey);
      });
    } else setImmediate(done, null, pair.publicKey, pair.privateKey);
  };
  crypto.generateKeyPair = reusing as unknown as typeof crypto.generateKeyPair;
  syncBuiltinESMExports();
}
