import { type JsonObject, parseJsonObject } from '../json-object.js';

/** A token was granted. */
export interface Granted {
  readonly kind: 'granted';
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** When it should be got anew, as Entra says; milliseconds since the epoch, `undefined` if it does not. */
  readonly refreshAt: number | undefined;
  /** Only where `offline_access` was asked for. */
  readonly refreshToken: string | undefined;
}

/** Entra refused (RFC 6749 section 5.2, and Entra's own members). */
export interface Refused {
  readonly kind: 'refused';
  readonly error: string;
  readonly suberror: string | undefined;
  /** The number of the first AADSTS code; `undefined` if there is none. */
  readonly aadsts: number | undefined;
  /** A claims request, not yet checked. */
  readonly claims: unknown;
}

/** Nothing that can be decided on now. */
export interface Unreadable {
  readonly kind: 'unreadable';
  /** For people: `status 503`. */
  readonly found: string;
  /** Seconds. */
  readonly retryAfter: number;
}

/** How long to wait where the answer does not say, and at most, in seconds. */
const STANDARD_WAIT = 5;
const LONGEST_WAIT = 3600;

/**
 * Reads the answer of a token endpoint.
 *
 * @param retryAfter the header
 * @param now milliseconds since the epoch
 */
export function readAnswer(
  status: number,
  text: string,
  retryAfter: string | null,
  now: number,
): Granted | Refused | Unreadable {
  if (status === 429 || status >= 500) {
    return { kind: 'unreadable', found: `status ${status}`, retryAfter: waitOf(retryAfter, now) };
  }
  const body = parseJsonObject(text);
  const answer = body === undefined ? undefined : status === 200 ? granted(body, now) : refused(body);
  return (
    answer ?? {
      kind: 'unreadable',
      found: `status ${status} with a body that is not documented`,
      retryAfter: STANDARD_WAIT,
    }
  );
}

function granted(body: JsonObject, now: number): Granted | undefined {
  const { access_token: token, token_type: type, refresh_token: refreshToken } = body;
  const lifetime = secondsIn(body.expires_in);
  const refreshIn = secondsIn(body.refresh_in);
  const isBearer = typeof type === 'string' && type.toLowerCase() === 'bearer';
  // What is not printable ASCII could not be sent as a header.
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token) || !isBearer || lifetime === undefined)
    return undefined;
  return {
    kind: 'granted',
    token,
    expiresAt: now + lifetime * 1000,
    refreshAt: refreshIn === undefined ? undefined : now + refreshIn * 1000,
    refreshToken: typeof refreshToken === 'string' && refreshToken !== '' ? refreshToken : undefined,
  };
}

/** Entra gives numbers; its older endpoints give them as text. */
function secondsIn(value: unknown): number | undefined {
  const seconds = typeof value === 'string' && /^[0-9]{1,9}$/.test(value) ? Number(value) : value;
  return typeof seconds === 'number' && Number.isFinite(seconds) && seconds > 0 ? seconds : undefined;
}

function refused(body: JsonObject): Refused | undefined {
  const { error, suberror, error_codes: codes, error_description: description, claims } = body;
  if (typeof error !== 'string' || error === '') return undefined;
  const [first] = Array.isArray(codes) ? codes : [];
  const inText = /^AADSTS([0-9]{4,9})\b/.exec(typeof description === 'string' ? description : '')?.[1];
  return {
    kind: 'refused',
    error,
    suberror: typeof suberror === 'string' && suberror !== '' ? suberror : undefined,
    aadsts: typeof first === 'number' ? first : inText === undefined ? undefined : Number(inText),
    claims,
  };
}

/** Reads `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3). */
export function waitOf(header: string | null, now: number): number {
  const seconds = /^[0-9]{1,9}$/.test(header ?? '')
    ? Number(header)
    : (Date.parse(header ?? '') - now) / 1000;
  return Number.isFinite(seconds) ? Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(seconds))) : STANDARD_WAIT;
}
