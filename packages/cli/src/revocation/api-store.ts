import { readReason, readRevocation } from '@entra-guard/core/revocation';
import { BadInputError } from '../bad-input.js';
import { readToken, TOKEN_VARIABLE } from '../explain/read-token.js';
import { isLoopback } from '../redis/redis-address.js';
import type { Session } from '../session.js';
import { type ApiAnswer, failureOf } from './api-failure.js';
import type { RecordDocument, Revocation, RevocationStore } from './revocation-store.js';

/** For how long the API may take to answer, in milliseconds. */
const WAITS = 15_000;

/** Revocations of an API that has the routes for them. */
export function apiStore(session: Session, given: string, token: string | undefined): RevocationStore {
  const base = baseOf(given);
  if (token !== undefined && token !== '-') {
    throw new BadInputError(
      'An access token on the command line is in the list of processes.',
      `Pipe it in, with --token -, or set ${TOKEN_VARIABLE}.`,
    );
  }
  const call = async (method: string, path: string, body?: object): Promise<ApiAnswer> => {
    const bearer = await readToken(token, session, 'entra-guard revoke … --api … --token - < token.txt');
    return asked(session, method, `${base}${path}`, bearer, body);
  };
  return {
    name: base,
    revoke: async (revocation) => {
      assertValid(revocation, session.now());
      const answer = await call('POST', '/revocations', bodyOf(revocation));
      if ((answer.status !== 200 && answer.status !== 201) || !isRecord(answer.body))
        throw failureOf(answer, base);
      return { record: answer.body, before: answer.status === 200 };
    },
    list: async (target) => {
      const answer = await call('GET', `/revocations${queryOf(target)}`);
      const { revocations } = Object(answer.body) as { readonly revocations?: unknown };
      if (answer.status !== 200 || !Array.isArray(revocations) || !revocations.every(isRecord))
        throw failureOf(answer, base);
      return { records: revocations, unreadable: 0 };
    },
    lift: async (id, because) => {
      readReason('lift', because);
      const answer = await call('DELETE', `/revocations/${encodeURIComponent(id)}`, { because });
      if (answer.status !== 204) throw failureOf(answer, base, id);
      return true;
    },
  };
}

function baseOf(given: string): string {
  const url = URL.canParse(given) ? new URL(given) : undefined;
  const isPlain =
    url !== undefined && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  if (!isPlain || !/^https?:$/.test(url.protocol)) {
    throw new BadInputError(
      '--api is not the URL of an API.',
      'Write what comes before /revocations, without a query: https://orders.contoso.example',
    );
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new BadInputError(
      `--api is ${url.origin}, which is not https.`,
      'The access token would be readable on the way. Use https; http is for this machine alone.',
    );
  }
  return `${url.origin}${url.pathname}`.replace(/\/+$/, '').replace(/\/revocations$/, '');
}

async function asked(
  { fetch }: Session,
  method: string,
  url: string,
  token: string,
  body: object | undefined,
): Promise<ApiAnswer> {
  let answer: Response;
  let text: string;
  try {
    answer = await fetch(url, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // Followed, it would take the token along.
      redirect: 'manual',
      signal: AbortSignal.timeout(WAITS),
    });
    text = await answer.text();
  } catch (error) {
    throw notReachable(url, error);
  }
  return {
    method,
    status: answer.status,
    location: answer.headers.get('location') ?? undefined,
    retryAfter: answer.headers.get('retry-after') ?? undefined,
    body: parsed(text),
  };
}

function notReachable(url: string, error: unknown): BadInputError {
  const { origin } = new URL(url);
  const { name, cause, message } = error as Error & { readonly cause?: unknown };
  const why =
    name === 'TimeoutError'
      ? `no answer within ${WAITS / 1000} s`
      : cause instanceof Error
        ? cause.message || message
        : message;
  return new BadInputError(
    `${origin} is not reachable: ${why}`,
    'It is not known whether the API has done it. Check the address and the way to it, and run the command again: the same is not revoked twice.',
  );
}

/** The API tells callers only that a request is not understood, so what is wrong with it is said here. */
function assertValid({ target, ...options }: Revocation, at: number): void {
  // The API knows how long its tokens live. Here the shortest life will do.
  readRevocation(target, options, at, { longestToken: 60, margin: 0 });
}

function bodyOf({ target, because, issuedBefore, until, source }: Revocation): object {
  const iso = (time: number) => new Date(time).toISOString();
  return {
    target:
      typeof target === 'object' && 'token' in target
        ? { ...target, expiresAt: iso(Number(target.expiresAt)) }
        : target,
    because,
    ...(issuedBefore === undefined ? {} : { issuedBefore: iso(issuedBefore) }),
    ...(until === undefined ? {} : { until: iso(until) }),
    source,
  };
}

function queryOf(target: Revocation['target'] | undefined): string {
  if (target === undefined) return '';
  if (target === 'everyone') return '?everyone=true';
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(target))
    if (name !== 'expiresAt') query.set(name, String(value));
  return `?${query}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isRecord(body: unknown): body is RecordDocument {
  const { id, target, because, until, at } = Object(body) as Partial<Record<keyof RecordDocument, unknown>>;
  const isWhole = typeof id === 'string' && typeof because === 'string' && typeof at === 'string';
  return isWhole && target !== undefined && (until === null || typeof until === 'string');
}
