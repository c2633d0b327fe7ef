import { createHash } from 'node:crypto';
import { ConfigurationError } from '../base/errors.js';
import { isJsonObject, type JsonObject } from '../base/json-object.js';
import { printable } from '../base/printable.js';

/** A copy of a document that was read earlier, perhaps by another process. */
export interface SavedDocument {
  readonly url: string;
  /** When it was read, ISO 8601. */
  readonly fetchedAt: string;
  /** The used part of the authority's answer. */
  readonly content: JsonObject;
}

/** A document that was read, with its time in milliseconds since the epoch. */
export interface ReadDocument extends Omit<SavedDocument, 'fetchedAt'> {
  readonly fetchedAt: number;
}

/** Returns a document as a snapshot holds it. */
export function savedDocument({ url, fetchedAt, content }: ReadDocument): SavedDocument {
  return { url, fetchedAt: new Date(fetchedAt).toISOString(), content };
}

/**
 * A validator's metadata and public keys, to start another one with. Plain JSON without secrets. But write access to it
 * decides which keys are trusted, so keep it where only the deployment can write.
 */
export interface KeySnapshot {
  readonly version: 1;
  readonly documents: readonly SavedDocument[];
}

/** A snapshot whose form was checked. */
export interface Seed {
  /** SHA-256 of the snapshot. */
  readonly id: string;
  readonly documents: ReadonlyMap<string, ReadDocument>;
}

/**
 * Reads the option `keys.seed`.
 *
 * @throws ConfigurationError for anything but a snapshot
 */
export function resolveSeed(value: unknown): Seed | undefined {
  if (value === undefined) return undefined;
  const copy = jsonCopy(value);
  const documents = isJsonObject(copy) && copy.version === 1 ? copy.documents : undefined;
  if (!Array.isArray(documents) || !documents.every(isSavedDocument)) {
    throw new ConfigurationError(
      `keys.seed is ${printable(value)}, which is not a snapshot of keys.`,
      'Pass what validator.snapshot() gave, parsed if you kept it as JSON; leave it out where there is none yet.',
    );
  }
  return Object.freeze({
    id: createHash('sha256').update(JSON.stringify(documents)).digest('base64url'),
    documents: new Map(
      documents.map((saved) => [saved.url, { ...saved, fetchedAt: Date.parse(saved.fetchedAt) }]),
    ),
  });
}

function jsonCopy(value: unknown): unknown {
  try {
    return JSON.parse(JSON.stringify(value));
  } catch {
    return undefined;
  }
}

const ISO_8601 = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z$/;

function isSavedDocument(value: unknown): value is SavedDocument {
  return (
    isJsonObject(value) &&
    typeof value.url === 'string' &&
    typeof value.fetchedAt === 'string' &&
    ISO_8601.test(value.fetchedAt) &&
    Number.isFinite(Date.parse(value.fetchedAt)) &&
    isJsonObject(value.content)
  );
}
