import { ConfigurationError, type LogEntry, type LogSink, ownOptions } from '@entra-guard/core';

/** How `assertAllGuarded` takes what it finds. */
export interface AssertAllGuardedOptions {
  /**
   * What to do about routes that are neither guarded nor declared open: `'refuse'` throws, `'warn'` names them in the log
   * and goes on, so that a guard can be brought into an application route by route. Default `'refuse'`.
   */
  readonly undecided?: 'refuse' | 'warn';
  /**
   * Routes that stay undecided for now, each with the reason: `{ '/legacy/report': 'moves to the reports API in March' }`.
   * A path is for all methods there; `'GET /legacy/report'` is for one. Written as the error names them. What matches no
   * undecided route is told like an undecided route. Default: none.
   */
  readonly except?: Readonly<Record<string, string>>;
}

/** The options after validation. */
export interface Judgement {
  readonly warns: boolean;
  readonly exceptions: readonly Exception[];
}

/** What stays undecided, as it was written, and why. */
export interface Exception {
  readonly written: string;
  readonly reason: string;
}

/** An undecided route, as it is told. */
export interface Finding {
  readonly method: string;
  readonly path: string;
  readonly why: string;
  /** What it is: the route itself, or what is known of a mounted application. */
  readonly route: object;
}

const NAMES = ['undecided', 'except'];

/** @throws ConfigurationError for unknown options, and for exceptions without a reason */
export function judgementFrom(options: AssertAllGuardedOptions): Judgement {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(
      `The options of assertAllGuarded() are ${options === null ? 'null' : typeof options}.`,
      "Pass an object or nothing: guard.assertAllGuarded(app, { undecided: 'warn' }).",
    );
  }
  const { undecided = 'refuse', except = {} } = ownOptions('assertAllGuarded()', options, NAMES);
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name));
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `assertAllGuarded() does not know the option '${unknown}'.`,
      `It knows ${NAMES.map((name) => `'${name}'`).join(' and ')}.`,
    );
  }
  if (undecided !== 'refuse' && undecided !== 'warn') {
    throw new ConfigurationError(
      `undecided is ${JSON.stringify(undecided)}.`,
      "It is 'refuse', which throws, or 'warn', which names undecided routes in the log and goes on.",
    );
  }
  return { warns: undecided === 'warn', exceptions: exceptionsFrom(except) };
}

function exceptionsFrom(except: unknown): readonly Exception[] {
  if (typeof except !== 'object' || except === null || Array.isArray(except)) {
    throw new ConfigurationError(
      `except is ${JSON.stringify(except)}.`,
      "Give each path with its reason: except: { '/legacy/report': 'moves to the reports API in March' }.",
    );
  }
  const entries = Object.entries(except);
  const [path] = entries.find(([, reason]) => typeof reason !== 'string' || reason.trim() === '') ?? [];
  if (path !== undefined) {
    throw new ConfigurationError(
      `The exception for '${path}' has no reason.`,
      `Say why it may stay undecided: except: { '${path}': 'moves to the reports API in March' }.`,
    );
  }
  return entries.map(([written, reason]) => ({ written, reason }));
}

/** Whether an exception is for this route. */
export function isFor({ written }: Exception, { method, path }: Finding): boolean {
  return written === path || written === `${method} ${path}`;
}

/** Why routes stay undecided, by their methods. */
const reasons = new WeakMap<object, Map<string, string>>();

export function rememberReason({ reason }: Exception, { route, method }: Finding): void {
  reasons.set(route, (reasons.get(route) ?? new Map()).set(method, reason));
}

/** Why a method of a route stays undecided, where that was said. */
export function reasonOf(route: object, method: string): string | undefined {
  return reasons.get(route)?.get(method);
}

/** Warns of how the application is set up. */
export function warn(log: LogSink | false, message: string, hint: string): void {
  tell(log, { level: 'warn', event: 'configuration', message, hint });
}

/** Writes to a log that must not decide anything: what it throws is ignored. */
export function tell(log: LogSink | false, entry: LogEntry): void {
  if (log === false) return;
  try {
    log(entry);
  } catch {
    // The application goes on without the entry.
  }
}
