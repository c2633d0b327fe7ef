import type { LogSink } from '../../base/log.js';
import {
  type KeyEvent,
  type KeyEventBase,
  type KeysFailed,
  keyEvents,
  type RefreshReason,
} from './key-events.js';
import type { NamedKey } from './remote-document.js';

/** How often an unchanged outage is logged again, in milliseconds. */
const REMINDER = 600_000;

/** A failed attempt, and the state of the loaded copy. */
interface Failure extends Pick<KeysFailed, 'why' | 'reason' | 'status' | 'retryAt'> {
  /** What to change, if the cause is neither the network nor the authority. */
  readonly hint?: string | undefined;
  readonly copy:
    | { readonly fetchedAt: number; readonly trustedUntil: number; readonly stale: boolean }
    | undefined;
}

/** Reports what happens to one document: everything as events, and what operators have to know in the log. */
export class DocumentReport {
  readonly #document: 'metadata' | 'keys';
  readonly #url: string;
  readonly #now: () => number;
  readonly #log: LogSink;
  #saidStale = false;
  #saidExpired = false;
  #logged:
    | {
        readonly serving: boolean;
        readonly reason: string;
        readonly at: number;
      }
    | undefined;

  constructor(document: 'metadata' | 'keys', url: string, now: () => number, log: LogSink) {
    this.#document = document;
    this.#url = url;
    this.#now = now;
    this.#log = log;
  }

  refreshed(
    why: RefreshReason,
    before: readonly NamedKey[],
    after: readonly NamedKey[],
    failures: number,
  ): void {
    this.#saidStale = false;
    this.#saidExpired = false;
    this.#logged = undefined;
    if (failures > 0) this.#log({ level: 'info', event: 'keys', message: `${this.#url} answers again.` });
    if (!keyEvents.listening) return;
    const added = without(after, before);
    this.#publish({ change: 'refreshed', why, keyIds: kids(after), added: kids(added) });
    const [replaced, unpublished] = split(without(before, after), kids(after));
    if (replaced.length > 0) this.#publish({ change: 'removed', keyIds: kids(replaced), why: 'replaced' });
    if (unpublished.length > 0) {
      this.#publish({ change: 'removed', keyIds: kids(unpublished), why: 'unpublished' });
    }
  }

  failed({ why, reason, hint, status, retryAt, copy }: Failure): void {
    this.#logFailure(reason, hint, copy !== undefined);
    if (!keyEvents.listening) return;
    const trustedUntil = copy?.trustedUntil;
    this.#publish({ change: 'failed', why, reason, status, retryAt, trustedUntil });
    if (!copy?.stale || this.#saidStale) return;
    this.#saidStale = true;
    const { fetchedAt } = copy;
    this.#publish({ change: 'stale', fetchedAt, trustedUntil: copy.trustedUntil, reason });
  }

  /** Reports that the copy is past its hard age. */
  expired(keys: readonly NamedKey[]): void {
    if (this.#saidExpired) return;
    this.#saidExpired = true;
    if (keys.length > 0) this.#publish({ change: 'removed', keyIds: kids(keys), why: 'expired' });
  }

  /** Logs an outage once, however many attempts fail. Logs it again when its reason changes, or after {@link REMINDER}. */
  #logFailure(reason: string, hint: string | undefined, serving: boolean): void {
    const at = this.#now();
    const last = this.#logged;
    if (last?.serving === serving && last.reason === reason && at >= last.at && at - last.at < REMINDER)
      return;
    this.#logged = { serving, reason, at };
    this.#log({
      level: 'error',
      event: 'keys',
      code: 'keys_unavailable',
      message: `Reading ${this.#url} failed: ${reason}.`,
      hint: `${
        serving
          ? 'The last known good copy stays in use.'
          : 'Until it succeeds, requests that need it are answered 503.'
      } ${hint ?? 'See whether this machine can reach the authority.'}`,
    });
  }

  #publish(change: DistributiveOmit<KeyEvent, keyof KeyEventBase>): void {
    const time = this.#now();
    keyEvents.publish({ v: 1, type: 'keys', ...change, time, document: this.#document, url: this.#url });
  }
}

type DistributiveOmit<T, K extends keyof T> = T extends unknown ? Omit<T, K> : never;

/** Returns the keys that are not among the others. Compares key material, because an ID may return with another key. */
function without(keys: readonly NamedKey[], others: readonly NamedKey[]): readonly NamedKey[] {
  const identity = ({ kid, thumbprint }: NamedKey): string => `${thumbprint} ${kid}`;
  const known = new Set(others.map(identity));
  return keys.filter((key) => !known.has(identity(key)));
}

function split(
  keys: readonly NamedKey[],
  present: readonly string[],
): [replaced: readonly NamedKey[], gone: readonly NamedKey[]] {
  const ids = new Set(present);
  return [keys.filter(({ kid }) => ids.has(kid)), keys.filter(({ kid }) => !ids.has(kid))];
}

function kids(keys: readonly NamedKey[]): readonly string[] {
  return [...new Set(keys.map(({ kid }) => kid))];
}
