import type { DecisionPlace } from '../audit/decision-place.js';
import { PermissionError } from '../base/errors.js';
import type { LogEntry } from '../base/log.js';
import type { Requirement } from '../requirements/requirement.js';

/** Returns the warning for a requirement that a user's token passes without any particular scope. */
export function openScopeWarning(
  requirement: Requirement,
  handler: string | undefined,
): Omit<LogEntry, 'level'> {
  return {
    event: 'configuration',
    message: `${requirement} lets users in without any particular scope: any client that they use could act for them.`,
    hint: "Name a scope with it: allOf(scopes('…'), …).",
    ...(handler === undefined ? {} : { handler }),
  };
}

/** What keeps every caller out of a handler. */
export interface WhyClosed {
  readonly message: string;
  readonly hint: string;
}

/** Returns the refusal of a request that nothing was declared for. */
export function undeclared(place: DecisionPlace, why: WhyClosed | undefined): PermissionError {
  const { message, hint } = why ?? {
    message: `${place.handler ?? 'This handler'} declares no requirement, so no caller may use it.`,
    hint: "Declare one: @RequireScopes('…'), @Require(...), or @Public() to open it on purpose.",
  };
  return new PermissionError({ code: 'no_requirement', message, hint });
}
