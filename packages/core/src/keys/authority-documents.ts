import type { JsonObject } from '../base/json-object.js';
import type { LogSink } from '../base/log.js';
import type { ReadDocument } from '../options/key-snapshot.js';
import type { Settings } from '../options/settings.js';
import { type Holding, LeaseShelf } from './documents/lease-shelf.js';
import type { DocumentKind, DocumentState, RemoteDocument } from './documents/remote-document.js';
import { leaseDocument, type Surroundings } from './documents/shared-documents.js';
import { formatKeySet, type KeySet, parseKeySet } from './key-set.js';
import { formatMetadata, type Metadata, type MetadataExpectation, parseMetadata } from './metadata.js';
import type { Place } from './places.js';

/** Most documents that no verified token has needed yet, and least limit for all documents. */
const MAX_DOCUMENTS = 4096;
/** Metadata and keys, each for v1 and v2. */
const DOCUMENTS_OF_A_TENANT = 4;
/** The documents that all tenants share. */
const SHARED_DOCUMENTS = 4;

/**
 * Returns how many documents to keep: all that the listed tenants need, so that one tenant's callers don't displace
 * another's documents.
 */
function mostDocuments({ tenancy }: Settings): number {
  const listed = tenancy.kind === 'list' ? tenancy.tenants.size : 0;
  return Math.max(MAX_DOCUMENTS, DOCUMENTS_OF_A_TENANT * listed + SHARED_DOCUMENTS);
}

/** The metadata and key sets that one authority uses. Each is shared with other authorities of the process. */
export class AuthorityDocuments {
  readonly #settings: Settings;
  readonly #surroundings: Surroundings;
  readonly #keySets: DocumentKind<KeySet>;
  readonly #shelf: LeaseShelf<Metadata | KeySet>;

  constructor(settings: Settings, log: LogSink) {
    const { fetch, now, limits, seed } = settings;
    this.#settings = settings;
    this.#shelf = new LeaseShelf(mostDocuments(settings), MAX_DOCUMENTS);
    this.#surroundings = { fetch, now, limits, seed, log };
    this.#keySets = {
      document: 'keys',
      purpose: 'keys',
      parse: (json, url) => reported(parseKeySet(json), url, log),
      format: formatKeySet,
      keysOf: ({ keys }) => keys,
    };
  }

  metadata(place: Place): RemoteDocument<Metadata> {
    return this.#document(place.url, this.#metadataOf(place));
  }

  keys(url: string): RemoteDocument<KeySet> {
    return this.#document(url, this.#keySets);
  }

  /**
   * Notes that a verified token needed these documents. They are kept and refreshed in preference to documents that
   * only unverified tokens named.
   */
  prove(documents: readonly RemoteDocument<unknown>[]): void {
    for (const document of documents)
      this.#shelf.proveDocument(document as RemoteDocument<Metadata | KeySet>);
  }

  /** Returns how this authority holds a document. */
  holding(document: RemoteDocument<unknown>): Holding {
    return this.#shelf.holding(document);
  }

  states(): DocumentState[] {
    return this.#shelf.documents.map((document) => document.state());
  }

  /** Returns copies of the documents that are loaded and trusted. */
  save(): ReadDocument[] {
    return this.#shelf.documents.flatMap((document) => document.save() ?? []);
  }

  /** Returns the IDs of the loaded keys. */
  keyIds(): string[] {
    const values = this.#shelf.documents.map(({ current }) => current);
    return [
      ...new Set(
        values.flatMap((value) =>
          value !== undefined && Object.hasOwn(value, 'kids') ? (value as KeySet).kids : [],
        ),
      ),
    ];
  }

  close(): void {
    this.#shelf.close();
  }

  #metadataOf(place: Place): DocumentKind<Metadata> {
    const expectation: MetadataExpectation = { ...place, cloud: this.#settings.cloud };
    const { cloud, tenant } = expectation;
    return {
      document: 'metadata',
      purpose: `metadata of ${typeof tenant === 'string' ? tenant : tenant.id} in ${cloud}`,
      parse: (json: JsonObject) => parseMetadata(json, expectation),
      format: formatMetadata,
      keysOf: () => [],
    };
  }

  #document<T extends Metadata | KeySet>(url: string, kind: DocumentKind<T>): RemoteDocument<T> {
    const lease = this.#shelf.take(nameOf(url, kind), () => {
      // The shelf holds both kinds. The name includes the kind, so the document has the expected type.
      return leaseDocument(url, kind, this.#surroundings);
    });
    return lease.document as RemoteDocument<T>;
  }
}

function nameOf<T>(url: string, { purpose }: DocumentKind<T>): string {
  return `${purpose} ${url}`;
}

function reported(keys: KeySet, url: string, log: LogSink): KeySet {
  if (keys.skipped.length > 0) {
    const message = `${url} holds keys that can't be used: ${keys.skipped.join('; ')}.`;
    log({ level: 'warn', event: 'keys', message });
  }
  return keys;
}
