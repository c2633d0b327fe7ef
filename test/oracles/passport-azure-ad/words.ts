import { isDeepStrictEqual } from 'node:util';
import { TENANT } from '../../support/forger.js';
import type { Outcome } from './contender.js';
import type { Ask, Seen } from './stand.mjs';

/** Describes an outcome in one line. */
export function words(outcome: Outcome, ask: Ask): string {
  switch (outcome.kind) {
    case 'throws':
      return `throws: ${firstSentence(outcome.message)}`;
    case 'dies':
      return `the process ends: ${outcome.of}`;
    case 'hangs':
      return 'no answer';
    case 'answer':
      return [answer(outcome, ask), ...callWords(outcome, ask), ...challenge(outcome)].join('; ');
  }
}

/** Describes an outcome without the texts of errors and challenges, to compare both strategies. */
export function verdict(outcome: Outcome, ask: Ask): string {
  if (outcome.kind !== 'answer') return outcome.kind;
  return [decision(outcome, ask), ...callWords(outcome, ask)].join('; ');
}

function decision(seen: Seen, ask: Ask): string {
  const { callback } = bodyOf(seen);
  const refused =
    callback === undefined ? /^4/.test(String(seen.status)) : callback.error === null && !callback.user;
  // Texts of refusals are compared separately, and a callback's status is the application's.
  if (refused) return callback === undefined ? String(seen.status) : 'refused';
  return answer(seen, ask);
}

type Body = {
  readonly user?: unknown;
  readonly authInfo?: unknown;
  readonly error?: unknown;
  readonly message?: unknown;
  readonly callback?: {
    readonly error?: unknown;
    readonly user?: unknown;
    readonly info?: unknown;
    readonly status?: unknown;
  };
};

function answer(seen: Seen, ask: Ask): string {
  const body = bodyOf(seen);
  const show = (value: unknown): string => shown(value, claimsOf(ask));
  if (body.callback !== undefined) {
    const { error, user, info, status } = body.callback;
    const parts = [`error ${show(error)}`, `user ${show(user)}`, `info ${show(withoutRealm(info))}`];
    return `callback(${[...parts, ...(status === undefined ? [] : [`status ${show(status)}`])].join(', ')})`;
  }
  if (seen.status === 200) return `200, user ${show(body.user)}, authInfo ${show(body.authInfo)}`;
  const text = body.error ?? (body.message === 'Unauthorized' ? undefined : body.message);
  return `${seen.status}${seen.retryAfter ? ' with Retry-After' : ''}${text === undefined ? '' : `: ${String(text)}`}`;
}

/** Describes how often verify was called, and its arguments, where they are not the usual ones. */
function callWords({ status, calls, body }: Seen, ask: Ask): readonly string[] {
  const parts: string[] = [];
  const accepted = status === 200;
  if (calls.length > 0 && !accepted) parts.push('verify asked');
  if (calls.length === 0 && accepted && !body.includes('callback')) parts.push('verify not asked');
  for (const { count, request, claims } of calls) {
    if (count !== 2) parts.push(`verify got ${count} arguments${request ? ', the request first' : ''}`);
    if (!isDeepStrictEqual(claims, claimsOf(ask))) parts.push(`verify got ${JSON.stringify(claims)}`);
  }
  return parts;
}

function challenge({ challenges, status }: Seen): readonly string[] {
  if (status === 401 || status === 403) {
    return challenges.length === 0 ? ['no challenge'] : challenges.map((one) => String(withoutRealm(one)));
  }
  return challenges.map((one) => String(withoutRealm(one)));
}

function withoutRealm(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  return value.replace(/^Bearer realm="[^"]*",?/, 'Bearer').replaceAll(TENANT, '{tenant}');
}

function bodyOf({ body }: Seen): Body {
  try {
    return JSON.parse(body) as Body;
  } catch {
    return {};
  }
}

function shown(value: unknown, claims: unknown): string {
  return changes(value, claims) ?? JSON.stringify(value) ?? 'undefined';
}

/** Returns `claims`, or how they differ from the claims of the token. */
function changes(value: unknown, claims: unknown): string | undefined {
  if (!isObject(value) || !isObject(claims)) return undefined;
  const names = [...new Set([...Object.keys(claims), ...Object.keys(value)])];
  const changed = names.filter((name) => !isDeepStrictEqual(value[name], claims[name]));
  if (changed.length === 0) return 'claims';
  if (changed.length > 3) return undefined;
  const parts = changed.map((name) =>
    name in value ? `with ${name} ${JSON.stringify(value[name])}` : `without ${name}`,
  );
  return `claims ${parts.join(' and ')}`;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** Returns the claims of the token in a request, in the header or the body. */
function claimsOf({ headers = [], body = '' }: Ask): unknown {
  const everything = [...headers.flat(), body].join(' ');
  const payload = /\bey[\w-]*\.([\w-]+)\./.exec(everything)?.[1];
  try {
    return JSON.parse(Buffer.from(payload ?? '', 'base64url').toString());
  } catch {
    return undefined;
  }
}

function firstSentence(message: string): string {
  return /^.*?[^.]\.(?= |$)/s.exec(message)?.[0].replace(/\.$/, '') ?? message;
}
