import type { LogSink } from '@entra-guard/core';
import { type Judged, type Uncovered, uncoveredSentence } from './gaps.js';

/** Warns of the handlers that are open, that are denied, and that leave the scope open. None of them stops the start. */
export function warnAtBoot(log: LogSink, judged: readonly Judged[], gaps: readonly Uncovered[]): void {
  const warn = (message: string, hint: string): void => {
    log({ level: 'warn', event: 'configuration', message, hint });
  };
  if (gaps.length > 0) warn(uncoveredSentence(gaps), "This starts because uncovered is 'warn'.");
  warnOfDenied(
    judged.filter(({ access, remedy }) => access === undefined && remedy === undefined),
    warn,
  );
  warnOfOpenScope(judged, warn);
}

type Warn = (message: string, hint: string) => void;

function warnOfDenied(denied: readonly Judged[], warn: Warn): void {
  if (denied.length === 0) return;
  warn(
    `${count(denied, 'handler declares', 'handlers declare')} no requirement and ${denied.length === 1 ? 'is' : 'are'} denied: ${named(denied)}.`,
    "Declare one with @RequireScopes('…') or @Require(...), open it on purpose with @Public(), or set the option defaultRequirement.",
  );
}

function warnOfOpenScope(judged: readonly Judged[], warn: Warn): void {
  const open = judged.flatMap(({ handler, access }) =>
    access?.mode === 'require' && access.requirement.leavesScopeOpen
      ? [`${handler.name} requires ${access.requirement}`]
      : [],
  );
  if (open.length === 0) return;
  warn(
    `${count(open, 'handler names', 'handlers name')} no scope for delegated tokens, so any client of a user could act there: ${open.join('; ')}.`,
    "Add the scope that clients have to ask for: allOf(scopes('…'), …), or add @RequireScopes('…').",
  );
}

function count(list: readonly unknown[], one: string, many: string): string {
  return `${list.length} ${list.length === 1 ? one : many}`;
}

function named(judged: readonly Judged[]): string {
  return judged.map(({ handler }) => handler.name).join(', ');
}
