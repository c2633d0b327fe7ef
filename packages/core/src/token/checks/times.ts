import type { JsonObject } from '../../base/json-object.js';
import { type Refusal, shown } from '../../base/refusal.js';
import type { Look } from './look.js';

/**
 * Tells whether a value is a NumericDate (RFC 7519 sections 2 and 4.1.4 to 4.1.6) in whole seconds, as Entra writes.
 * 8.64e12 s is ECMAScript's latest time.
 */
function isTime(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 && value <= 8.64e12;
}

/** A token's valid times, in seconds since the epoch. */
export interface TokenTimes {
  readonly exp: number;
  readonly nbf: number | undefined;
  readonly iat: number | undefined;
}

/**
 * Refuses a token that has expired, is not valid yet, or has invalid times. `exp` is required; `nbf` and `iat` may be
 * absent. Expiry is checked first, because expired tokens made by hand for tests often have an `iat` after `exp`.
 */
export function checkTimes({ claims, authority, now }: Look): Refusal | undefined {
  const tolerance = authority.settings.clockTolerance;
  const { exp } = claims;
  const seconds = now / 1000;
  if (typeof exp === 'number' && exp >= 0 && seconds >= exp + tolerance)
    return expired(exp, seconds, tolerance);
  return checkTimesMakeSense(claims) ?? checkBegan(timesOf(claims), seconds, tolerance);
}

/** @param claims with valid times */
export function timesOf(claims: JsonObject): TokenTimes {
  const { exp, nbf, iat } = claims as unknown as TokenTimes;
  return { exp, nbf, iat };
}

function checkTimesMakeSense(claims: JsonObject): Refusal | undefined {
  const exp = claims.exp;
  if (!isTime(exp)) return wrongTime('exp', shown(exp), 'the time of expiry, in whole seconds since 1970');
  return checkTimeBefore(exp, 'nbf', claims.nbf) ?? checkTimeBefore(exp, 'iat', claims.iat);
}

function checkTimeBefore(exp: number, name: string, value: unknown): Refusal | undefined {
  if (value === undefined) return undefined;
  if (!isTime(value)) return wrongTime(name, shown(value), 'a time in whole seconds since 1970');
  return value > exp ? wrongTime(name, `${value}, after exp (${exp})`, 'at most exp') : undefined;
}

function expired(exp: number, seconds: number, tolerance: number): Refusal {
  return {
    code: 'token_expired',
    subject: 'time of expiry (exp)',
    found: `${iso(exp)}, ${Math.floor(seconds - exp)} s ago`,
    expected: `a time after ${iso(Math.floor(seconds))}, with ${tolerance} s of tolerance`,
    hint: 'The client has to get a fresh token before each call (MSAL: acquireTokenSilent). If it did, compare the clocks of this machine and of Entra.',
  };
}

function checkBegan({ nbf, iat }: TokenTimes, seconds: number, tolerance: number): Refusal | undefined {
  return checkBegun('nbf', nbf, seconds, tolerance) ?? checkBegun('iat', iat, seconds, tolerance);
}

function checkBegun(
  name: string,
  value: number | undefined,
  seconds: number,
  tolerance: number,
): Refusal | undefined {
  if (value === undefined || value <= seconds + tolerance) return undefined;
  return {
    code: 'token_not_yet_valid',
    subject: `time (${name})`,
    found: `${iso(value)}, ${Math.ceil(value - seconds)} s from now`,
    expected: `at most ${iso(Math.floor(seconds))}, with ${tolerance} s of tolerance`,
    hint: 'The clock of this machine is behind. Synchronise it by NTP.',
  };
}

function wrongTime(name: string, found: string, expected: string): Refusal {
  return {
    code: 'token_malformed',
    subject: `claim ${name}`,
    found,
    expected,
    hint: 'Entra issues whole seconds in order: this token does not come from Entra as it is.',
  };
}

function iso(seconds: number): string {
  // A later time does not fit into a Date.
  return seconds > 8.64e12 ? String(seconds) : new Date(seconds * 1000).toISOString();
}
