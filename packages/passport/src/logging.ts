import { consoleLog, type LogEntry, type LogSink } from '@entra-guard/core';
import { misconfigured } from './configuration.js';
import type { IBearerStrategyOption } from './options.js';

/** The levels that passport-azure-ad took, with how many of ours each lets through. */
const LEVELS: Readonly<Record<string, readonly ('info' | 'warn' | 'error')[]>> = {
  trace: ['info', 'warn', 'error'],
  debug: ['info', 'warn', 'error'],
  info: ['info', 'warn', 'error'],
  warn: ['warn', 'error'],
  error: ['error'],
  fatal: [],
};

/** Which option lets a refusal pass for the time of a migration. */
const OPTION_FOR: Readonly<Record<string, string>> = {
  not_an_access_token: 'allowIdTokens',
  policy_not_accepted: 'allowOtherPolicies',
  token_without_permissions: 'allowAppsWithoutRoles',
};

/** The only check here is the application's `verify`. What it ends in is answered as passport has it, not by the core. */
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

/** The application's own sink, or the console from `loggingLevel` on. */
export function resolveLog({ log, loggingLevel }: IBearerStrategyOption): LogSink | false {
  const level = loggingLevel ?? 'warn';
  const levels = Object.hasOwn(LEVELS, level) ? LEVELS[level] : undefined;
  if (levels === undefined) {
    throw misconfigured('loggingLevel is none that is known.', `Use ${Object.keys(LEVELS).join(', ')}.`);
  }
  if (log === false) return false;
  if (log !== undefined) return withWaysOut(log);
  return withWaysOut((entry) => {
    if (!levels.includes(entry.level)) return;
    if (entry.level === 'info') console.info(`entra-guard: ${entry.message}`);
    else consoleLog(entry);
  });
}

/** For entries that do not come through the core, which does the same. */
export function safely(sink: LogSink | false): LogSink {
  return (entry) => {
    if (sink === false) return;
    try {
      // It may be an async function, whatever its type says.
      Promise.resolve<unknown>(sink(entry)).catch(() => {});
    } catch {
      // A broken log must not decide about requests.
    }
  };
}

function withWaysOut(sink: LogSink): LogSink {
  return (entry) => {
    const aboutVerify = VERIFY[entry.code ?? ''];
    if (aboutVerify !== undefined) return sink({ ...entry, ...aboutVerify });
    const option = OPTION_FOR[entry.code ?? ''];
    if (option === undefined) return sink(entry);
    const wayOut = `passport-azure-ad let such tokens in; so does ${option}: true, for the time of a migration.`;
    sink({ ...entry, hint: entry.hint === undefined ? wayOut : `${entry.hint} ${wayOut}` });
  };
}
