import {
  type AuthContext,
  type ErrorCode,
  LimitError,
  PermissionError,
  StepUpError,
} from '@entra-guard/core';
import type { Outlook } from '@entra-guard/core/mcp';
import type { Reply } from '../answer/answer.js';
import type { Challenges } from '../answer/challenges.js';
import type { Call } from '../message/messages.js';
import type { EntryKind } from '../options/entries.js';
import type { Settings } from '../options/settings.js';

/** A call that was refused. */
export interface Refused {
  readonly call: Call;
  readonly error: unknown;
  readonly auth: AuthContext;
  /** What the caller could do: whether scopes alone would let it in. `undefined` for what does not exist. */
  readonly outlook: Outlook | undefined;
}

const INVALID_PARAMS = -32602;

/** Says to a caller why a call was refused, in the protocol's own forms. */
export class Replies {
  readonly #challenges: Challenges;
  readonly #denied: Settings['denied'];

  constructor(challenges: Challenges, { denied }: Pick<Settings, 'denied'>) {
    this.#challenges = challenges;
    this.#denied = denied;
  }

  /** @param modern whether the call is of revision 2026-07-28 or later */
  to({ call, error, auth, outlook }: Refused, modern: boolean): Reply {
    const url = approvalUrlIn(error);
    if (url !== undefined) return this.#approval(call, error, url, modern);
    if (isForCallers(error)) return this.#said(call, error, modern);
    if (outlook?.state === 'lacks-scopes') {
      const challenge = this.#challenges.stepUpText(outlook.scopes, auth.scopes);
      return failed(call, this.#challenges.sentence(error), modern, { 'mcp/www_authenticate': [challenge] });
    }
    const isHidden = PermissionError.is(error) && error.status === 404;
    if (outlook === undefined || isHidden || this.#denied === 'hide') return notFound(call);
    return this.#said(call, error, modern);
  }

  #said(call: Call, error: unknown, modern: boolean): Reply {
    return failed(call, this.#challenges.sentence(error), modern);
  }

  #approval(call: Call, error: unknown, url: string, modern: boolean): Reply {
    const message = this.#challenges.sentence(error);
    if (modern && call.opensUrls) {
      const approve = { method: 'elicitation/create', params: { mode: 'url', message, url } };
      return { result: { resultType: 'input_required', inputRequests: { approval: approve } } };
    }
    return failed(call, `${message} Open ${url}, and call again once it is approved.`, modern);
  }
}

const NOUNS: Readonly<Record<EntryKind, string>> = { tool: 'Tool', prompt: 'Prompt', resource: 'Resource' };

/**
 * What is refused and what does not exist is answered alike, as the SDKs do for the latter; for resources with the URI (MCP
 * 2026-07-28, "Resources", Error Handling).
 */
export function notFound({ kind, name }: Pick<Call, 'kind' | 'name'>): Reply {
  const data = kind === 'resource' ? { data: { uri: name } } : {};
  return { error: { code: INVALID_PARAMS, message: `${NOUNS[kind]} ${name} not found`, ...data } };
}

/** The result of a tool that failed; for prompts and resources, whose results can't say so, an error. */
function failed({ kind }: Call, text: string, modern: boolean, meta?: object): Reply {
  if (kind !== 'tool') return { error: { code: INVALID_PARAMS, message: text } };
  return {
    result: {
      content: [{ type: 'text', text }],
      isError: true,
      ...(meta === undefined ? {} : { _meta: meta }),
      ...(modern ? { resultType: 'complete' } : {}),
    },
  };
}

/** Whether callers are told of a refusal in any case: the caller may use what it has called, only not now. */
function isForCallers(error: unknown): boolean {
  if (LimitError.is(error) || StepUpError.is(error)) return true;
  return PermissionError.is(error) && OF_PEOPLE.has(error.code);
}

/** What a person decides about. */
const OF_PEOPLE: ReadonlySet<ErrorCode> = new Set(['approval_required', 'approval_denied']);

/** The page where an approval is given that a call needs, if the API has named one. */
function approvalUrlIn(error: unknown): string | undefined {
  return PermissionError.is(error) && error.code === 'approval_required' ? error.approval?.url : undefined;
}
