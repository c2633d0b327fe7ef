import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

const REDIS = join(import.meta.dirname, '../../redis');

/** A project of this test, which has installed @entra-guard/redis and a client. Both are built. */
export function projectWith(client: 'redis' | 'ioredis' | undefined, { store = true } = {}): string {
  findNothingElse();
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

/** Package managers name a folder in NODE_PATH that has every package, so that what is not installed would be found. */
export function findNothingElse(): void {
  const { NODE_PATH } = process.env;
  if (NODE_PATH === undefined) return;
  const set = (path: string | undefined) => {
    if (path === undefined) delete process.env.NODE_PATH;
    else process.env.NODE_PATH = path;
    (Module as unknown as { _initPaths(): void })._initPaths();
  };
  set(undefined);
  onTestFinished(() => set(NODE_PATH));
}
