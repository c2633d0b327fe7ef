import type { LogSink } from '../../base/log.js';
import type { Seed } from '../../options/key-snapshot.js';
import type { DocumentKind } from './remote-document.js';

/** How far in the future a seed may have been read, in milliseconds, because of clock differences. */
const AHEAD = 300_000;

/** Returns a document's copy in the seed, parsed like an answer of the authority. Logs and leaves out an unusable copy. */
export function seededCopy<T>(
  seed: Seed | undefined,
  url: string,
  kind: DocumentKind<T>,
  now: () => number,
  log: LogSink,
): { readonly value: T; readonly fetchedAt: number } | undefined {
  const saved = seed?.documents.get(url);
  if (saved === undefined) return undefined;
  try {
    if (!(saved.fetchedAt <= now() + AHEAD)) throw new Error('it claims to have been read in the future');
    return { value: kind.parse(saved.content, url), fetchedAt: saved.fetchedAt };
  } catch (error) {
    log({
      level: 'warn',
      event: 'keys',
      message: `The saved copy of ${url} is not used: ${(error as Error).message}.`,
      hint: 'Save a new one with validator.snapshot(). Until then the document is fetched.',
    });
    return undefined;
  }
}
