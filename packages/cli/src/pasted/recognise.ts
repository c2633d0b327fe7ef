import type { ErrorCode } from '@entra-guard/core';
import { redacted } from '../output/redact.js';
import { isOwnCode } from './own-codes.js';

/** What a text is that was pasted. Nothing secret in it is kept: no token, no code, no state. */
export type Pasted =
  | { readonly kind: 'token' }
  | {
      readonly kind: 'entra-error';
      /** Numbers without "AADSTS". */
      readonly codes: readonly string[];
      /** OAuth 2.0's error code: `invalid_grant`. */
      readonly error: string | undefined;
      readonly correlationId: string | undefined;
      readonly from: 'text' | 'token endpoint' | 'redirect';
    }
  | { readonly kind: 'authorize-url'; readonly url: URL }
  | {
      readonly kind: 'own-code';
      readonly codes: readonly ErrorCode[];
      /** Whom to call, as a log line says. */
      readonly owner: string | undefined;
      /** What to do in this very case, as a log line says. */
      readonly hint: string | undefined;
      readonly from: 'answer' | 'challenge' | 'log' | 'event' | 'code';
    }
  | { readonly kind: 'unknown' };

const GUID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i;
const AADSTS_CODE = /\bAADSTS([0-9]{4,8})\b/gi;
const TOKEN = /^(?:bearer\s+)?["']?[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*["']?$/i;

/** Says what a text is. Imports nothing of Node, so that a page can use it. */
export function recognise(given: string): Pasted {
  const text = given.replace(/^\uFEFF/, '').trim();
  const json = jsonIn(text);
  if (json !== undefined) return fromJson(json, text);
  // Log collectors put a time or a name before the line.
  const after = jsonIn(text.slice(text.indexOf('{')));
  const found = after === undefined ? undefined : fromJson(after, text);
  if (found !== undefined && found.kind !== 'unknown') return found;
  if (/^https?:\/\/\S+$/i.test(text) && URL.canParse(text)) return fromUrl(new URL(text));
  if (TOKEN.test(text.replace(/^authorization:\s*/i, ''))) return { kind: 'token' };
  const codes = aadstsIn(text);
  if (codes.length > 0) return entraError(codes, errorIn(text), text, 'text');
  if (/^[0-9]{5,8}$/.test(text)) return entraError([text], undefined, text, 'text');
  const challenge = /^(?:www-authenticate:\s*)?bearer\s+(?:\w+=.*)$/is.test(text);
  const own = ownCodesIn(text);
  if (own.length > 0) {
    const isBare = isOwnCode(text);
    return {
      kind: 'own-code',
      codes: own,
      owner: ownerIn(text),
      hint: hintIn(text),
      from: isBare ? 'code' : challenge ? 'challenge' : 'log',
    };
  }
  if (challenge) return fromChallenge(text);
  return { kind: 'unknown' };
}

type Json = Readonly<Record<string, unknown>>;

function jsonIn(text: string): Json | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch {
    return undefined;
  }
}

function fromJson(json: Json, text: string): Pasted {
  if (typeof json.access_token === 'string' || typeof json.accessToken === 'string') return { kind: 'token' };
  const error = typeof json.error === 'string' ? json.error : undefined;
  const codes = new Set([...aadstsIn(text), ...numbersIn(json.error_codes)]);
  if (codes.size > 0 || (error !== undefined && typeof json.error_description === 'string')) {
    return entraError([...codes], error, text, 'token endpoint');
  }
  // A logger gets the event as one field of its line.
  const { decision } = json;
  if (typeof decision === 'object' && decision !== null) return fromJson(decision as Json, text);
  const code = typeof json.code === 'string' && isOwnCode(json.code) ? json.code : undefined;
  if (code === undefined) return { kind: 'unknown' };
  const from = typeof json.outcome === 'string' ? 'event' : typeof json.title === 'string' ? 'answer' : 'log';
  const hint = typeof json.hint === 'string' ? withoutTokens(json.hint) : undefined;
  return { kind: 'own-code', codes: [code], owner: ownerOf(json.owner), hint, from };
}

function fromUrl(url: URL): Pasted {
  const parameters = new URLSearchParams(`${url.search.slice(1)}&${url.hash.slice(1)}`);
  const error = parameters.get('error') ?? undefined;
  const description = parameters.get('error_description') ?? '';
  if (error !== undefined) return entraError(aadstsIn(description), error, description, 'redirect');
  if (/\/authorize$/.test(url.pathname)) return { kind: 'authorize-url', url };
  const code = parameters.get('code') ?? '';
  return /^[0-9]{5,8}$/.test(code) && url.pathname === '/error'
    ? entraError([code], undefined, '', 'text')
    : { kind: 'unknown' };
}

/** What clients are told in a challenge is less than the log has: its codes are OAuth's. */
const CHALLENGED: Readonly<Record<string, ErrorCode>> = {
  insufficient_scope: 'scope_missing',
  insufficient_claims: 'step_up_required',
  insufficient_user_authentication: 'sign_in_too_old',
  invalid_request: 'credentials_malformed',
  invalid_token: 'token_not_accepted',
};

function fromChallenge(text: string): Pasted {
  const error = /\berror="([a-z_]+)"/.exec(text)?.[1];
  const code = error === undefined ? 'credentials_missing' : CHALLENGED[error];
  return code === undefined
    ? { kind: 'unknown' }
    : { kind: 'own-code', codes: [code], owner: undefined, hint: undefined, from: 'challenge' };
}

function entraError(
  codes: readonly string[],
  error: string | undefined,
  text: string,
  from: 'text' | 'token endpoint' | 'redirect',
): Pasted {
  const correlationId = /correlation[ _]?id"?\s*[:=]\s*"?([0-9a-f-]{36})/i.exec(text)?.[1];
  const id = correlationId !== undefined && GUID.test(correlationId) ? correlationId : undefined;
  const known = error !== undefined && /^[a-z_]{3,60}$/.test(error) ? error : undefined;
  return { kind: 'entra-error', codes: [...new Set(codes)], error: known, correlationId: id, from };
}

function aadstsIn(text: string): readonly string[] {
  return [...text.matchAll(AADSTS_CODE)].map(([, code]) => code as string);
}

function errorIn(text: string): string | undefined {
  return /\b(invalid_[a-z]+|interaction_required|consent_required|login_required|access_denied|unauthorized_client)\b/.exec(
    text,
  )?.[1];
}

const numbersIn = (value: unknown): readonly string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'number').map(String) : [];

function ownCodesIn(text: string): readonly ErrorCode[] {
  return [...new Set(text.match(/\b[a-z]+(?:_[a-z]+)+\b/g) ?? [])].filter(isOwnCode).slice(0, 3);
}

/** What starts the parts of a log line, other than its message and its hint. */
const LABELLED = /^(cause: |at |client: |revocation: |correlation ID: |owner: )/;

/** The part of a log line that says what to do: it follows the message, and has no label. */
function hintIn(text: string): string | undefined {
  const [, ...parts] = text.split(' | ');
  const hint = parts.find((part) => !LABELLED.test(part))?.trim();
  return hint === undefined || hint === '' ? undefined : withoutTokens(hint);
}

const withoutTokens = (text: string): string => redacted(text.slice(0, 1_000));

const ownerIn = (text: string): string | undefined => /\bowner: ([^|\n]{1,200})/.exec(text)?.[1]?.trim();

function ownerOf(owner: unknown): string | undefined {
  if (typeof owner === 'string') return owner;
  if (typeof owner !== 'object' || owner === null) return undefined;
  const { team, onCall, contact } = owner as Json;
  const reached = onCall ?? contact;
  return typeof team === 'string'
    ? `${team}${typeof reached === 'string' ? ` (${reached})` : ''}`
    : undefined;
}
