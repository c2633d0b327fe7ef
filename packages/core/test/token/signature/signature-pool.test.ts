import { createPublicKey, createSecretKey, type KeyObject } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { describe, expect, it, vi } from 'vitest';
import { KEY, STRANGER, signed, userClaims } from '../../../../../test/support/forger.js';
import {
  type Engine,
  MAX_UNDER_WAY,
  PATIENCE,
  SignaturePool,
} from '../../../src/token/signature/signature-pool.js';
import type { SignedToken } from '../../../src/token/signature/token-bytes.js';
import { tokenBytes } from '../../../src/token/signature/token-bytes.js';

const publicKey = (key = KEY): KeyObject => createPublicKey({ key: key.jwk, format: 'jwk' });
const jws = (token: string): SignedToken => ({ token, signedEnd: token.lastIndexOf('.') });
const good = (name = 'good'): SignedToken => jws(signed(userClaims({ uti: name })));
const forged = jws(signed(userClaims(), { kid: KEY.kid }, { key: STRANGER }));

type Finish = (error: Error | null, holds: boolean) => void;

/** Threads that finish when they are told to, and a clock that is told to go on. */
function standIn(parallelism = 2) {
  const jobs: { readonly signed: Buffer; readonly signature: Buffer; readonly finish: Finish }[] = [];
  const timers: (() => void)[] = [];
  const immediates: (() => void)[] = [];
  const unref = vi.fn();
  const delays: number[] = [];
  const run = (list: (() => void)[]) => {
    for (const callback of list.splice(0)) callback();
  };
  const engine = {
    parallelism,
    verify: (_: string, signed: Buffer, __: unknown, signature: Buffer, finish: Finish) => {
      jobs.push({ signed, signature, finish });
    },
    setTimeout: (callback: () => void, milliseconds: number) => {
      timers.push(callback);
      delays.push(milliseconds);
      return { unref };
    },
    setImmediate: (callback: () => void) => immediates.push(callback),
  } as unknown as Engine;
  return {
    pool: new SignaturePool(engine),
    jobs,
    timers,
    delays,
    unref,
    /** The timer fires, and what was to be fetched has been. */
    patienceEnds: () => run(timers),
    fetched: () => run(immediates),
  };
}

describe('signatures on the thread pool', () => {
  it('hold or do not, as they do elsewhere', async () => {
    const pool = new SignaturePool();
    const pss = jws(signed(userClaims(), {}, { by: 'PS256' }));
    expect(
      await Promise.all([
        pool.signatureHolds(good(), publicKey(), 'RS256'),
        pool.signatureHolds(good(), publicKey(STRANGER), 'RS256'),
        pool.signatureHolds(forged, publicKey(), 'RS256'),
        pool.signatureHolds(pss, publicKey(), 'PS256'),
        pool.signatureHolds(pss, publicKey(), 'RS256'),
        pool.signatureHolds(good(), publicKey(), 'PS256'),
      ]),
    ).toEqual([true, false, false, true, false, false]);
    expect(pool.isBusy).toBe(false);
  });

  it('are verified over bytes of their own, whatever token comes next', async () => {
    const { pool, jobs } = standIn();
    const one = good('1');
    const another = good('2');
    const held = pool.signatureHolds(one, publicKey(), 'RS256');
    tokenBytes.withSignature(another, () => {});
    const [job] = jobs;
    expect(job?.signed.toString()).toBe(one.token.slice(0, one.signedEnd));
    expect(job?.signature.toString('base64url')).toBe(one.token.slice(one.signedEnd + 1));
    job?.finish(null, true);
    expect(await held).toBe(true);
  });

  it('leave none of those bytes behind', async () => {
    const { pool, jobs } = standIn();
    const held = pool.signatureHolds(good(), publicKey(), 'RS256');
    const [job] = jobs;
    job?.finish(null, false);
    expect(await held).toBe(false);
    expect(job?.signed.some((byte) => byte !== 0)).toBe(false);
    expect(job?.signature.some((byte) => byte !== 0)).toBe(false);
  });

  it('are not taken to hold where the verification fails', async () => {
    const { pool, jobs } = standIn();
    const held = pool.signatureHolds(good(), publicKey(), 'RS256');
    jobs[0]?.finish(new Error('out of memory'), true);
    await expect(held).rejects.toThrow('out of memory');
    expect(pool.isBusy).toBe(false);
  });

  it('leave nothing under way where they cannot even be begun', async () => {
    const pool = new SignaturePool();
    const secret = createSecretKey(Buffer.alloc(32));
    await expect(pool.signatureHolds(good(), secret, 'RS256')).rejects.toThrow(TypeError);
    expect(pool.isBusy).toBe(false);
  });

  it(`are ${MAX_UNDER_WAY} at most`, async () => {
    const { pool, jobs } = standIn();
    const one = good();
    const all: Promise<boolean>[] = [];
    for (let index = 0; index < MAX_UNDER_WAY; index++) {
      expect(pool.hasRoom).toBe(true);
      all.push(pool.signatureHolds(one, publicKey(), 'RS256'));
      expect(pool.isBusy).toBe(true);
    }
    expect(pool.hasRoom).toBe(false);
    jobs[7]?.finish(null, true);
    expect(pool.hasRoom).toBe(true);
    for (const { finish } of jobs) finish(null, true);
    expect((await Promise.all(all)).every(Boolean)).toBe(true);
  });

  describe('while other work holds all threads', () => {
    it('are verified at once, and those that come afterwards are not handed over', async () => {
      const { pool, jobs, delays, unref, patienceEnds, fetched } = standIn();
      const held = [
        pool.signatureHolds(good(), publicKey(), 'RS256'),
        pool.signatureHolds(forged, publicKey(), 'RS256'),
      ];
      expect(delays).toEqual([PATIENCE]);
      expect(unref).toHaveBeenCalledOnce();
      patienceEnds();
      expect(pool.hasRoom).toBe(true);
      fetched();
      expect(await Promise.all(held)).toEqual([true, false]);
      expect(pool.isBusy).toBe(false);
      expect(pool.hasRoom).toBe(false);
      // What the threads say afterwards changes nothing, but shows that they are free again.
      jobs[1]?.finish(null, true);
      expect(await held[1]).toBe(false);
      expect(pool.hasRoom).toBe(true);
    });

    it('are not verified twice where the answer was there and only not fetched', async () => {
      const { pool, jobs, patienceEnds, fetched } = standIn();
      const held = [
        pool.signatureHolds(forged, publicKey(), 'RS256'),
        pool.signatureHolds(good(), publicKey(), 'RS256'),
      ];
      patienceEnds();
      // Only a test can make a forged signature hold: this shows that the threads' answer counts.
      jobs[0]?.finish(null, true);
      fetched();
      expect(pool.hasRoom).toBe(true);
      jobs[1]?.finish(null, false);
      expect(await Promise.all(held)).toEqual([true, false]);
    });

    it('are watched as long as there are any, and no longer', async () => {
      const { pool, jobs, timers, patienceEnds, fetched } = standIn();
      const first = pool.signatureHolds(good(), publicKey(), 'RS256');
      const second = pool.signatureHolds(good(), publicKey(), 'RS256');
      expect(timers).toHaveLength(1);
      jobs[0]?.finish(null, true);
      patienceEnds();
      fetched();
      expect(timers).toHaveLength(1);
      patienceEnds();
      fetched();
      expect(await Promise.all([first, second])).toEqual([true, true]);
      expect(timers).toHaveLength(0);
      jobs[1]?.finish(null, true);
      const third = pool.signatureHolds(good(), publicKey(), 'RS256');
      expect(timers).toHaveLength(1);
      jobs[2]?.finish(null, true);
      expect(await third).toBe(true);
      patienceEnds();
      fetched();
      expect(timers).toHaveLength(0);
    });

    it('are refused with the reason where they cannot be verified at all', async () => {
      const { pool, patienceEnds, fetched } = standIn();
      const held = pool.signatureHolds(good(), createSecretKey(Buffer.alloc(32)), 'RS256');
      const other = pool.signatureHolds(good(), publicKey(), 'RS256');
      patienceEnds();
      fetched();
      await expect(held).rejects.toThrow(TypeError);
      expect(await other).toBe(true);
    });
  });

  it('are left where they are on a machine that runs one thread at a time', () => {
    expect(standIn(1).pool.hasRoom).toBe(false);
    expect(standIn(2).pool.hasRoom).toBe(true);
  });

  it('are counted by the processors of this machine', () => {
    expect(new SignaturePool().hasRoom).toBe(availableParallelism() > 1);
  });
});
