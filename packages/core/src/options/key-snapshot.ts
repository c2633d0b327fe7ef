import { createHash } from 'node:crypto';
import { ConfigurationError } from '../base/errors.js';
import { isJsonObject, type JsonObject } from '../base/json-object.js';
import { printable } from '../base/printable.js';

/** A copy that was read earlier, perhaps by another process. */
export interface SavedDocument {
  readonly url: string;
  /** When it was read, milliseconds since the epoch. */
  readonly fetchedAt: number;
  /** What the authority answered, as far as it is used. */
  readonly content: JsonObject;
}

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
