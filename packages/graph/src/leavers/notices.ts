import type { LogEntry, LogSink } from '@entra-guard/core';

/** The parts of the feed that can fail apart from each other. */
export type Concern = 'queue' | 'changes' | 'users' | 'subscription';

const NAMES: Readonly<Record<Concern, string>> = {
  queue: 'The queue is unavailable',
  changes: 'Changes of users could not be read',
  users: 'A user could not be looked at',
  subscription: 'There is no subscription to changes',
};

const REPEATED = 60_000;

/** Tells operators what has changed: once for each change, and not for each attempt. */
export class Notices {
  readonly #log: LogSink;
  readonly #now: () => number;
  readonly #failing = new Map<Concern, string>();
  readonly #said = new Map<string, { at: number; suppressed: number }>();
  readonly #writers = new Set<string>();
  #lastError: string | undefined;
  #isMute = false;

  constructor(log: LogSink, now: () => number) {
    this.#log = log;
    this.#now = now;
  }

  /** What fails at this moment, with the reason. */
  get failing(): ReadonlyMap<Concern, string> {
    return this.#failing;
  }

  /** The last failure, also if it is over. */
  get lastError(): string | undefined {
    return this.#lastError;
  }

  /** How many releases have written what can't be read here. */
  get unreadable(): number {
    return this.#writers.size;
  }

  /** The feed begins: nothing fails yet. */
  begin(): void {
    this.#failing.clear();
    this.#isMute = false;
  }

  /** The feed ends: what fails from now on is of no interest. */
  mute(): void {
    this.#isMute = true;
  }

  failed(concern: Concern, reason: string): void {
    if (this.#isMute) return;
    const before = this.#failing.get(concern);
    this.#failing.set(concern, reason);
    this.#lastError = `${NAMES[concern]}: ${reason}`;
    if (before !== reason)
      this.repeated(`${concern} ${reason}`, { level: 'error', message: `${NAMES[concern]}.`, cause: reason });
  }

  worked(concern: Concern): void {
    if (!this.#failing.delete(concern)) return;
    this.repeated(`${concern} works`, { level: 'info', message: `That is over: ${NAMES[concern]}.` });
  }

  /** Tells of something that others can cause at will: at most once a minute. */
  repeated(what: string, entry: Omit<LogEntry, 'event'>): void {
    const now = this.#now();
    const said = this.#said.get(what);
    if (said !== undefined && now - said.at < REPEATED && now >= said.at) {
      said.suppressed++;
      return;
    }
    this.#said.delete(what);
    if (this.#said.size >= 100)
      for (const oldest of [...this.#said.keys()].slice(0, 50)) this.#said.delete(oldest);
    this.#said.set(what, { at: now, suppressed: 0 });
    const suppressed = said?.suppressed ?? 0;
    this.tell({ ...entry, ...(suppressed > 0 ? { suppressed } : {}) });
  }

  /** Something in the queue can't be read. Told once for each release that has written it. */
  readonly unread = (writer = 'an unknown writer'): void => {
    const name = writer.slice(0, 100);
    if (this.#writers.has(name) || this.#writers.size >= 20) return;
    this.#writers.add(name);
    this.tell({
      level: 'error',
      message: `Something in the queue was written by ${name}, and can't be read here. The users are looked at anew.`,
      hint: 'Install a release that is at least as new in every process.',
    });
  };

  tell(entry: Omit<LogEntry, 'event'>): void {
    this.#log({ ...entry, event: 'feed' });
  }
}
