import { createHash } from 'node:crypto';
import { ConfigurationError } from '../base/errors.js';
import { isJsonObject } from '../base/json-object.js';
import type { LogSink } from '../base/log.js';
import { printable } from '../base/printable.js';
import type { DocumentKind, SavedDocument } from '../keys/documents/remote-document.js';

/** A seed from further ahead than this, in milliseconds, has no age that could be trusted. */
const AHEAD = 300_000;

/**
 * What a validator knows of its authorities, to start another one with: metadata and public keys. Plain JSON, and nothing
 * secret in it; but whoever can write it decides which keys are trusted, so keep it where only the deployment writes.
 */
export interface KeySnapshot {
  readonly version: 1;
  readonly documents: readonly SavedDocument[];
}

/** A snapshot that was checked for its form. */
export interface Seed {
  /** Tells one from another: SHA-256 of it. */
  readonly id: string;
  readonly documents: ReadonlyMap<string, SavedDocument>;
}

/**
 * Reads what the option `keys.seed` was given.
 *
 * @throws ConfigurationError for what is no snapshot
 */
export function resolveSeed(value: unknown): Seed | undefined {
  if (value === undefined) return undefined;
  const copy = jsonCopy(value);
  const documents = isJsonObject(copy) && copy.version === 1 ? copy.documents : undefined;
  if (!Array.isArray(documents) || !documents.every(isSavedDocument)) {
    throw new ConfigurationError(
      `keys.seed is ${printable(value)}, which is no snapshot of keys.`,
      'Pass what validator.snapshot() gave, parsed if you kept it as JSON; leave it out where there is none yet.',
    );
  }
  return Object.freeze({
    id: createHash('sha256').update(JSON.stringify(documents)).digest('base64url'),
    documents: new Map(documents.map((document) => [document.url, document])),
  });
}

function jsonCopy(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

function isSavedDocument(value: unknown): value is SavedDocument {
  return (
    isJsonObject(value) &&
    typeof value.url === 'string' &&
    typeof value.fetchedAt === 'number' &&
    Number.isFinite(value.fetchedAt) &&
    isJsonObject(value.content)
  );
}

/** A document's copy in the seed, read like an answer of the authority; what can't be used is reported and left out. */
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
