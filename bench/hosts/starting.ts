import crypto from 'node:crypto';
import { syncBuiltinESMExports } from 'node:module';
import { startStopwatch, type Timed } from '../engine/stopwatch.js';
import { answer } from './answering.js';

// How long the search for an RSA key takes is luck, and more than all the rest. Every local Entra gets this one.
const { publicKey, privateKey } = crypto.generateKeyPairSync('rsa', { modulusLength: 2048 });
Object.assign(crypto, {
  generateKeyPair: (
    _type: string,
    _options: unknown,
    done: (error: null, publicKey: crypto.KeyObject, privateKey: crypto.KeyObject) => void,
  ) => done(null, publicKey, privateKey),
});
syncBuiltinESMExports();
const { startEntra } = await import('@entra-guard/testing');

const questions = {
  /** Starts so many local Entras one after another, and makes the first token of each. */
  start: async (count: number): Promise<Timed> => {
    globalThis.gc?.();
    const watch = startStopwatch();
    for (let started = 0; started < count; started++) {
      const entra = await startEntra({ dangerouslyAllowProduction: true });
      entra.user('ada', { scp: 'Orders.Read' });
      await entra.close();
    }
    return watch.stop(count);
  },
};

export type StartingQuestions = typeof questions;
answer(questions);
