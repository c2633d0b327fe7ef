import { ConfigurationError, KeysUnavailableError } from '../base/errors.js';
import { consoleLog, limitedLog } from '../base/log.js';
import { errorLike } from '../base/thrown.js';
import { currentMoment, type RemoteDocument } from '../keys/documents/remote-document.js';
import { leaseDocument } from '../keys/documents/shared-documents.js';
import type { KeySourceState } from '../keys/documents/validator-state.js';
import type { AssertionSettings } from '../options/assertion.js';
import {
  parseVerifyingKeys,
  VERIFYING_KEYS,
  type VerifyingKey,
  type VerifyingKeys,
} from './verifying-keys.js';

/** Where the public keys of the service come from. */
export interface KeySource {
  /**
   * Returns the key of this ID; `undefined` if the service has none.
   *
   * @throws KeysUnavailableError (as a rejection)
   */
  find(kid: string): Promise<VerifyingKey | undefined>;
  /** Returns whether a key is loaded and trusted now. Never waits. */
  trusts(key: VerifyingKey): boolean;
  /** @throws KeysUnavailableError (as a rejection) */
  load(): Promise<void>;
  states(): readonly KeySourceState[];
  keyIds(): readonly string[];
  close(): void;
}

/** @throws ConfigurationError for keys that can't verify assertions */
export function keySourceOf(settings: AssertionSettings): KeySource {
  const { source } = settings;
  return 'url' in source ? new PublishedKeys(source.url, settings) : givenKeys(source.keys);
}

function givenKeys(list: readonly unknown[]): KeySource {
  let keys: VerifyingKeys;
  try {
    keys = parseVerifyingKeys({ keys: list });
  } catch (error) {
    throw new ConfigurationError(
      `assertion.keys: ${errorLike(error)?.message}.`,
      'Pass the member `keys` of the /jwks.json of the service as it is.',
    );
  }
  return {
    find: async (kid) => keys.find(kid),
    trusts: ({ kid }) => keys.find(kid) !== undefined,
    load: async () => {},
    states: () => [],
    keyIds: () => keys.keys.map(({ kid }) => kid),
    close: () => {},
  };
}

/** Keys that are read from the service, and refreshed. */
class PublishedKeys implements KeySource {
  readonly #document: RemoteDocument<VerifyingKeys>;
  readonly close: () => void;

  constructor(url: string, { fetch, now, log, limits }: AssertionSettings) {
    const sink = limitedLog(log ?? consoleLog, now);
    const lease = leaseDocument(url, VERIFYING_KEYS, { fetch, now, limits, seed: undefined, log: sink });
    this.#document = lease.document;
    this.close = lease.close;
  }

  async find(kid: string): Promise<VerifyingKey | undefined> {
    const arrival = currentMoment();
    const known = (await this.#document.get()).find(kid);
    if (known !== undefined) return known;
    // A key is published before it signs, but an application may have slept meanwhile.
    const fresher = await this.#document.getFresher(arrival);
    const found = (await this.#document.get()).find(kid);
    if (found !== undefined || fresher === 'fresh') return found;
    throw new KeysUnavailableError({
      message: 'An assertion names a key that is not known, and the keys were read a moment ago.',
      hint: 'The service publishes a new key before it signs with it. Was another service started at the same address?',
      retryAfter: fresher.retryAfter,
    });
  }

  trusts({ kid }: VerifyingKey): boolean {
    return this.#document.atHand()?.find(kid) !== undefined;
  }

  async load(): Promise<void> {
    await this.#document.get();
  }

  states(): readonly KeySourceState[] {
    const { lastStatus, ...state } = this.#document.state();
    return [state];
  }

  keyIds(): readonly string[] {
    return (this.#document.current?.keys ?? []).map(({ kid }) => kid);
  }
}
