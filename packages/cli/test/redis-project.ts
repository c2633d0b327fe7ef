import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const REDIS = join(import.meta.dirname, '../../redis');

/** A project of this test, which has installed @entra-guard/redis and a client. Both are built. */
export function projectWith(client: 'redis' | 'ioredis' | undefined, { store = true } = {}): string {
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-project-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@entra-guard'), { recursive: true });
  if (store) symlinkSync(REDIS, join(modules, '@entra-guard/redis'), 'junction');
  if (client !== undefined) {
    const version = client === 'redis' ? 'redis6' : 'ioredis5';
    symlinkSync(join(REDIS, 'node_modules', version), join(modules, client), 'junction');
  }
  return folder;
}
