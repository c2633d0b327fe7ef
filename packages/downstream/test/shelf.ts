import { expect } from 'vitest';
import type { TokenStore } from '../src/index.js';

/** A store that several processes share, here in memory; what is written to it is looked at. */
export class Shelf implements TokenStore {
  readonly shared = true;
  readonly entries = new Map<string, Uint8Array>();
  readonly locks = new Set<string>();
  readonly written: Buffer[] = [];
  /** For how long each entry was to be kept, in milliseconds. */
  readonly ttls: number[] = [];
  readonly asked: string[] = [];
  /** What each call does first. */
  before: () => Promise<void> = async () => {};

  async get(key: string) {
    this.asked.push('get');
    await this.before();
    return this.entries.get(key);
  }
  async set(key: string, value: Uint8Array, ttlMs: number) {
    this.asked.push('set');
    await this.before();
    expect(ttlMs).toBeGreaterThan(0);
    this.ttls.push(ttlMs);
    this.written.push(Buffer.from(value), Buffer.from(key));
    this.entries.set(key, value);
  }
  async delete(key: string) {
    this.asked.push('delete');
    await this.before();
    this.entries.delete(key);
  }
  async lock(key: string) {
    this.asked.push('lock');
    await this.before();
    if (this.locks.has(key)) return undefined;
    this.locks.add(key);
    return async () => void this.locks.delete(key);
  }
}
