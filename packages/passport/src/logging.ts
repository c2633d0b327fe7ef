import { consoleLog, type LogEntry, type LogSink } from '@entra-guard/core';
import { misconfigured } from './configuration.js';
import type { IBearerStrategyOption } from './options.js';

/** The levels of passport-azure-ad, with the entry levels that each lets through. */
const LEVELS: Readonly<Record<string, readonly ('info' | 'warn' | 'error')[]>> = {
  trace: ['info', 'warn', 'error'],
  debug: ['info', 'warn', 'error'],
  info: ['info', 'warn', 'error'],
  warn: ['warn', 'error'],
  error: ['error'],
  fatal: [],
};

/** The migration option that accepts such a token, by the code of the refusal. */
const OPTION_FOR: Readonly<Record<string, string>> = {
  not_an_access_token: 'allowIdTokens',
  policy_not_accepted: 'allowOtherPolicies',
  token_without_permissions: 'allowAppsWithoutRoles',
};

/** Texts for the application's `verify`, the only check of this package. Passport answers its outcome, not the core. */
const VERIFY: Readonly<Record<string, Pick<LogEntry, 'message' | 'hint'>>> = {
  check_refused: {
    message: 'The verify callback refused the caller.',
    hint: "done(null, false) is answered with 401. An error goes to the application's error handler, and is answered with 500 where it has no status.",
  },
  check_failed: {
    message: 'The verify callback failed, and its error went to the error handler of the application.',
    hint: 'If it means that the caller is refused, call done(null, false) instead, or give the error a status of 401 or 403.',
  },
};

/** Returns the application's sink, or one that writes entries of `loggingLevel` and above to the console. */
export function resolveLog({ log, loggingLevel }: IBearerStrategyOption): LogSink | false {
  const level = loggingLevel ?? 'warn';
  const levels = Object.hasOwn(LEVELS, level) ? LEVELS[level] : undefined;
  if (levels === undefined) {
    throw misconfigured('loggingLevel is unknown.', `Use ${Object.keys(LEVELS).join(', ')}.`);
  }
  if (log === false) return false;
  if (log !== undefined) return withWaysOut(log);
  return withWaysOut((entry) => {
    if (!levels.includes(entry.level)) return;
    if (entry.level === 'info') console.info(`entra-guard: ${entry.message}`);
    else consoleLog(entry);
  });
}

/** Wraps a sink so that it never throws. For entries of this package; the core wraps its own. */
export function safely(sink: LogSink | false): LogSink {
  return (entry) => {
    if (sink === false) return;
    try {
      // It may be an async function, although its type says otherwise.
      Promise.resolve<unknown>(sink(entry)).catch(() => {});
    } catch {
      // A log that fails must not change a decision.
    }
  };
}

function withWaysOut(sink: LogSink): LogSink {
  return (entry) => {
    const aboutVerify = VERIFY[entry.code ?? ''];
    if (aboutVerify !== undefined) return sink({ ...entry, ...aboutVerify });
    const option = OPTION_FOR[entry.code ?? ''];
    if (option === undefined) return sink(entry);
    const wayOut = `passport-azure-ad accepted such tokens. ${option}: true accepts them too, until clients have migrated.`;
    sink({ ...entry, hint: entry.hint === undefined ? wayOut : `${entry.hint} ${wayOut}` });
  };
}
