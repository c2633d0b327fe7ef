import type { LogSink } from '../log.js';
import type { Settings } from '../settings.js';
import type { JsonObject } from '../token/json-object.js';
import { type KeySet, parseKeySet } from './key-set.js';
import { type Metadata, type MetadataExpectation, parseMetadata } from './metadata.js';
import type { Place } from './places.js';
import type { DocumentState, RemoteDocument } from './remote-document.js';
import { type Lease, leaseDocument } from './shared-documents.js';

/** Documents kept for tenants of a list; the least recently used leave first. */
const MAX_DOCUMENTS = 4096;

/** The metadata and key sets that one authority has asked for, each shared with whoever else asks. */
export class AuthorityDocuments {
  readonly #settings: Settings;
  readonly #log: LogSink;
  readonly #leases = new Map<string, Lease<Metadata> | Lease<KeySet>>();

  constructor(settings: Settings, log: LogSink) {
    this.#settings = settings;
    this.#log = log;
  }

  metadata(place: Place): RemoteDocument<Metadata> {
    const expectation: MetadataExpectation = { ...place, cloud: this.#settings.cloud };
    const purpose = JSON.stringify(['metadata', expectation.cloud, expectation.tenant]);
    return this.#lease(place.url, purpose, (json) => parseMetadata(json, expectation));
  }

  keys(url: string): RemoteDocument<KeySet> {
    return this.#lease(url, 'keys', (json) => {
      const keys = parseKeySet(json);
      if (keys.skipped.length > 0) {
        this.#log({
          level: 'warn',
          event: 'keys',
          message: `${url} holds keys that can't be used: ${keys.skipped.join('; ')}.`,
        });
      }
      return keys;
    });
  }

  #lease<T extends Metadata | KeySet>(
    url: string,
    purpose: string,
    parse: (json: JsonObject) => T,
  ): RemoteDocument<T> {
    const key = `${purpose} ${url}`;
    // The key holds the purpose, so what is found under it was leased with the same parse.
    let lease = this.#leases.get(key) as Lease<T> | undefined;
    if (lease === undefined) {
      const { fetch, now, limits } = this.#settings;
      lease = leaseDocument(url, purpose, parse, { fetch, now, limits, log: this.#log });
      for (const [oldest, { release }] of this.#leases) {
        if (this.#leases.size < MAX_DOCUMENTS) break;
        release();
        this.#leases.delete(oldest);
      }
    } else {
      this.#leases.delete(key);
    }
    this.#leases.set(key, lease as Lease<Metadata> | Lease<KeySet>);
    return lease.document;
  }

  states(): DocumentState[] {
    return [...this.#leases.values()].map(({ document }) => document.state());
  }

  /** IDs of the keys at hand. */
  keyIds(): string[] {
    const values = [...this.#leases.values()].map(({ document }) => document.current);
    return [
      ...new Set(values.flatMap((value) => (value !== undefined && 'kids' in value ? value.kids : []))),
    ];
  }

  close(): void {
    for (const lease of this.#leases.values()) lease.close();
    this.#leases.clear();
  }
}
