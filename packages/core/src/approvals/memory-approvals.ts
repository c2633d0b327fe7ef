import { ConfigurationError, UnavailableError } from '../base/errors.js';
import type { HealthPart } from '../base/health.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type {
  ApprovalClaim,
  ApprovalDecided,
  ApprovalRecord,
  ApprovalRequest,
  ApprovalStore,
  ApprovalVerdict,
} from '../options/approvals.js';
import { assertKnown, fn } from '../options/option-readers.js';
import { bindingText, decidedRecord, pendingRecord, requesterText } from './binding.js';

/** Options of {@link memoryApprovals}. */
export interface MemoryApprovalsOptions {
  /** Most records. Further requests are refused with 503 `approvals_unavailable`. Default 10,000. */
  readonly maxEntries?: number;
  /** Returns the address of the page where a person approves. Default: that of the routes, or none. */
  readonly approveUrl?: (id: string) => string;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

const WHAT = 'memoryApprovals(...)';
const NAMES = [
  'maxEntries',
  'approveUrl',
  'now',
] as const satisfies readonly (keyof MemoryApprovalsOptions)[];
const NEARLY_FULL = 0.8;

/**
 * Keeps approvals in this process: for APIs that run as one, and for tests. They are lost when it ends, and calls need a new approval.
 * To share them, use `redisApprovals(...)` of `@entra-guard/redis`.
 *
 * ```ts
 * const guard = createGuard({ tenantId, clientId, approvals: memoryApprovals() });
 * ```
 *
 * @throws ConfigurationError for invalid options
 */
export function memoryApprovals(options: MemoryApprovalsOptions = {}): ApprovalStore {
  const own = ownOptions(WHAT, options, NAMES);
  assertKnown(`option of ${WHAT} called`, own, NAMES);
  const { maxEntries = 10_000 } = own;
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 1) {
    throw new ConfigurationError(
      `${WHAT}: maxEntries is ${printable(maxEntries)}.`,
      'Pass a whole number of records, at least 1.',
    );
  }
  const approveUrl = fn(`${WHAT}: approveUrl`, own.approveUrl);
  const store = new MemoryApprovals(maxEntries, fn(`${WHAT}: now`, own.now) ?? (() => Date.now()));
  return approveUrl === undefined ? store : Object.assign(store, { approveUrl });
}

class MemoryApprovals implements ApprovalStore {
  readonly shared = false;
  readonly #maxEntries: number;
  readonly #now: () => number;
  /** The records that have not been used up, by ID; the oldest first. */
  readonly #records = new Map<string, ApprovalRecord>();
  /** IDs, by the text of the binding. */
  readonly #ids = new Map<string, string>();

  constructor(maxEntries: number, now: () => number) {
    this.#maxEntries = maxEntries;
    this.#now = now;
  }

  async claim(
    request: ApprovalRequest,
    { validForMs, most }: { readonly validForMs: number; readonly most: number },
  ): Promise<ApprovalClaim> {
    const now = this.#now();
    this.#sweep(now);
    const binding = bindingText(request);
    const known = this.#records.get(this.#ids.get(binding) ?? '');
    if (known?.state === 'approved') {
      this.#drop(known);
      return { state: 'used', record: known };
    }
    if (known !== undefined) {
      return known.state === 'denied'
        ? { state: 'denied', record: known }
        : { state: 'pending', record: known, made: false };
    }
    const ends = this.#pendingEnds(requesterText(request));
    if (ends.length >= most) return { state: 'full', until: Math.min(...ends) };
    if (this.#records.size >= this.#maxEntries) throw full(this.#maxEntries);
    const record = pendingRecord(request, validForMs, now);
    this.#records.set(record.id, record);
    this.#ids.set(binding, record.id);
    return { state: 'pending', record, made: true };
  }

  async find(id: string): Promise<ApprovalRecord | undefined> {
    this.#sweep(this.#now());
    return this.#records.get(id);
  }

  async decide(id: string, verdict: ApprovalVerdict): Promise<ApprovalDecided | undefined> {
    this.#sweep(this.#now());
    const known = this.#records.get(id);
    if (known === undefined) return undefined;
    const decided = decidedRecord(known, verdict);
    this.#records.set(id, decided.record);
    return decided;
  }

  health(): HealthPart {
    this.#sweep(this.#now());
    const entries = this.#records.size;
    const isNearlyFull = entries >= this.#maxEntries * NEARLY_FULL;
    return {
      part: 'approvals',
      status: isNearlyFull ? 'degraded' : 'up',
      message: isNearlyFull
        ? `${entries} of at most ${this.#maxEntries} approvals are in use; further ones will be refused.`
        : 'Approvals are kept in this process.',
      shared: false,
      entries,
    };
  }

  /** Does nothing: there is no connection and no timer, and another guard may have the store too. */
  async close(): Promise<void> {}

  #pendingEnds(requester: string): readonly number[] {
    return [...this.#records.values()]
      .filter((record) => record.state === 'pending' && requesterText(record) === requester)
      .map(({ expiresAt }) => expiresAt);
  }

  /** Also where the clock gives no number: what can't be told to last has ended. */
  #sweep(now: number): void {
    for (const record of this.#records.values()) if (!(record.expiresAt > now)) this.#drop(record);
  }

  #drop(record: ApprovalRecord): void {
    this.#records.delete(record.id);
    this.#ids.delete(bindingText(record));
  }
}

function full(maxEntries: number): UnavailableError {
  return new UnavailableError({
    part: 'approvals',
    message: `No approval can be asked for: there are ${maxEntries} records, as many as maxEntries allows.`,
    hint: 'Raise maxEntries, or lower validFor of the approvals, after which records end.',
    retryAfter: 60,
  });
}
