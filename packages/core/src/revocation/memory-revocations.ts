import type { HealthPart } from '../base/health.js';
import { ownOptions } from '../base/own-options.js';
import type { AuthContext } from '../caller/auth-context.js';
import { assertKnown, flag } from '../options/option-readers.js';
import type {
  RevocationChange,
  RevocationRecord,
  Revocations,
  RevokeOptions,
  Target,
} from '../options/revocations.js';
import { ChangeListeners } from './change-listeners.js';
import { readReason, readRevocation, recordOf } from './read-revocation.js';
import { RecordIndex } from './record-index.js';
import { revocationEvents } from './revocation-event.js';
import {
  REVOCATION_OPTION_NAMES,
  type RevocationOptions,
  type RevocationSettings,
  revocationSettings,
} from './store-settings.js';
import { fillOf, full, unknown } from './store-state.js';
import { readTarget } from './target.js';

/** Options of {@link memoryRevocations}. */
export interface MemoryRevocationOptions extends RevocationOptions {
  /** Says that the API runs as one process, so that no warning is due in production. Default `false`. */
  readonly oneProcess?: boolean;
}

/**
 * Keeps revocations in this process: for APIs that run as one, and for tests. They are lost when it ends. To share them, use
 * `redisRevocations(...)` of `@entra-guard/redis`.
 *
 * ```ts
 * const revocations = memoryRevocations();
 * const guard = createGuard({ tenantId, clientId, revocations });
 * await revocations.revoke({ user: objectId, tenantId }, { because: 'left the company, HR-1234' });
 * ```
 *
 * @throws ConfigurationError for invalid options
 */
export function memoryRevocations(options: MemoryRevocationOptions = {}): Revocations {
  const names = [...REVOCATION_OPTION_NAMES, 'oneProcess'];
  const own = ownOptions('memoryRevocations(...)', options, names);
  assertKnown('option of memoryRevocations(...) called', own, names);
  const settings = revocationSettings('memoryRevocations(...)', own);
  return new MemoryRevocations(settings, flag('memoryRevocations(...): oneProcess', own.oneProcess));
}

/** How long it is known that an ID was lifted, so that lifting it again is not a mistake. */
const REMEMBERED = 86_400_000;

class MemoryRevocations implements Revocations {
  readonly shared = false;
  readonly oneProcess: boolean;
  readonly longestToken: number;
  readonly margin: number | undefined;
  readonly #settings: RevocationSettings;
  readonly #index: RecordIndex;
  readonly #listeners = new ChangeListeners();

  constructor(settings: RevocationSettings, oneProcess: boolean) {
    this.#settings = settings;
    this.#index = new RecordIndex(settings);
    this.longestToken = settings.longestToken;
    this.margin = settings.margin;
    this.oneProcess = oneProcess;
  }

  get version(): number {
    return this.#index.version;
  }

  find(auth: AuthContext): RevocationRecord | undefined {
    return this.#index.find(auth);
  }

  async revoke(target: Target, options: RevokeOptions): Promise<RevocationRecord> {
    const at = this.#settings.now();
    const read = readRevocation(target, options, at, this.#settings);
    this.#index.sweep();
    const same = this.#index.same(read.key, read.issuedBefore, read.source);
    if (same !== undefined) return this.#index.add({ ...same, until: read.until }) as RevocationRecord;
    if (this.#index.size >= this.#settings.maxEntries) throw full(this.#settings.maxEntries);
    const record = this.#index.add(recordOf(read, 'process')) as RevocationRecord;
    if (revocationEvents.listening) {
      revocationEvents.publish({
        v: 1,
        type: 'revocation',
        time: at,
        change: 'revoked',
        id: record.id,
        record,
      });
    }
    this.#listeners.tell({ change: 'revoked', record });
    return record;
  }

  async lift(id: string, options: { readonly because: string }): Promise<void> {
    const because = readReason('lift(...)', ownOptions('lift(id, …)', options, ['because']).because);
    const record = this.#index.get(id);
    if (record === undefined) {
      if (this.#index.tombstone(id) !== undefined) return;
      throw unknown(id);
    }
    const at = this.#settings.now();
    this.#index.lift({ id, because, at, until: Math.min(record.until, at + REMEMBERED) });
    if (revocationEvents.listening) {
      revocationEvents.publish({ v: 1, type: 'revocation', time: at, change: 'lifted', id, because, record });
    }
    this.#listeners.tell({ change: 'lifted', record });
  }

  list(target?: Target): readonly RevocationRecord[] {
    return this.#index.list(target === undefined ? undefined : readTarget(target).key);
  }

  onChange(listener: (change: RevocationChange) => void): () => void {
    return this.#listeners.add(listener);
  }

  async ready(): Promise<void> {}

  health(): HealthPart {
    this.#index.sweep();
    return fillOf(this.#index.size, this.#settings.maxEntries, { shared: false, unreadable: 0, staleMs: 0 });
  }

  /** Only ends listeners: there is no connection and no timer, and another guard may have the store too. */
  async close(): Promise<void> {
    this.#listeners.clear();
  }
}
