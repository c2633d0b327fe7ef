import { randomUUID } from 'node:crypto';
import { ConfigurationError } from '../base/errors.js';
import { millisecondsOf } from '../base/instant.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { assertKnown } from '../options/option-readers.js';
import type { RevocationRecord, RevokeOptions, Target } from '../options/revocations.js';
import { defaultEnd, type RecordLimits } from './ends.js';
import { type ReadTarget, readTarget } from './target.js';

const MAX_REASON = 500;
const MAX_SOURCE = 100;
/** How far the clocks of the operator and of this machine may differ, in milliseconds. */
const AHEAD = 300_000;
const NAMES = ['because', 'issuedBefore', 'until', 'source'] as const;

/** What `revoke(...)` was asked for, after validation. */
export interface ReadRevocation extends ReadTarget {
  readonly because: string;
  readonly issuedBefore: number | undefined;
  readonly until: number;
  readonly source: string | undefined;
  /** When it was read, in milliseconds since the epoch. */
  readonly at: number;
}

/**
 * Reads the arguments of `revoke(...)`, which may come from anywhere.
 *
 * @param at now, in milliseconds since the epoch
 * @throws ConfigurationError that says what was found, expected, and what to change
 */
export function readRevocation(
  target: Target,
  options: RevokeOptions,
  at: number,
  limits: RecordLimits,
): ReadRevocation {
  const read = readTarget(target);
  const given = ownOptions('revoke(target, …)', options, NAMES);
  assertKnown('option of revoke(...) called', given, NAMES);
  const because = readReason('revoke(...)', given.because);
  const source = sourceFrom(given.source);
  const issuedBefore = cutoffFrom(read, given.issuedBefore, at);
  const until = endFrom(read, given.until, issuedBefore, at, limits);
  return { ...read, because, issuedBefore, until, source, at };
}

/** Returns the record of a revocation, with a new ID. */
export function recordOf(read: ReadRevocation, reach: RevocationRecord['reach']): RevocationRecord {
  const { target, because, issuedBefore, until, source, at } = read;
  return Object.freeze({
    id: randomUUID(),
    target,
    because,
    ...(issuedBefore === undefined ? {} : { issuedBefore }),
    until,
    ...(source === undefined ? {} : { source }),
    at,
    reach,
  });
}

/**
 * Reads why something is revoked or lifted.
 *
 * @param what the function's name in errors
 * @throws ConfigurationError for anything but text of at most 500 characters that is not blank
 */
export function readReason(what: string, because: unknown): string {
  if (typeof because === 'string' && because.trim() !== '' && because.length <= MAX_REASON) {
    if (because.isWellFormed()) return because;
  }
  throw new ConfigurationError(
    typeof because === 'string' && because.length > MAX_REASON
      ? `${what}: because has ${because.length} characters.`
      : `${what}: because is ${typeof because === 'string' ? 'blank, or not well-formed text' : printable(because)}.`,
    `Say why, in at most ${MAX_REASON} characters, for the audit trail: { because: 'left the company, HR-1234' }.`,
  );
}

function sourceFrom(source: unknown): string | undefined {
  if (source === undefined) return undefined;
  if (typeof source === 'string' && /^[\x21-\x7e]+$/.test(source) && source.length <= MAX_SOURCE)
    return source;
  throw new ConfigurationError(
    `revoke(...): source is ${source === '' ? 'an empty string' : printable(source)}.`,
    `Name what revokes in at most ${MAX_SOURCE} printable characters without spaces: 'leaver-workflow'. Or leave it out.`,
  );
}

function cutoffFrom({ kind }: ReadTarget, given: unknown, at: number): number | undefined {
  if (given === undefined) {
    if (kind !== 'everyone') return undefined;
    throw new ConfigurationError(
      "revoke('everyone', …) has no issuedBefore, so that no caller could ever get in again.",
      'Pass { issuedBefore: Date.now() }: a caller who signs in again later gets in. To shut an API, stop it.',
    );
  }
  if (kind === 'session' || kind === 'token') {
    throw new ConfigurationError(
      `revoke({ ${kind} }, …) has issuedBefore, and one ${kind} is revoked whenever its tokens were issued.`,
      'Leave it out.',
    );
  }
  const before = millisecondsOf('revoke(...): issuedBefore', given);
  if (before - at <= AHEAD) return before;
  throw new ConfigurationError(
    `revoke(...): issuedBefore is ${iso(before)}, and now it is ${iso(at)}.`,
    'A date more than 5 minutes ahead would refuse sign-ins that have not happened yet. Leave issuedBefore out to refuse all tokens.',
  );
}

function endFrom(
  read: ReadTarget,
  given: unknown,
  issuedBefore: number | undefined,
  at: number,
  limits: RecordLimits,
): number {
  const standard = defaultEnd(read, issuedBefore, at, limits);
  const until = given === undefined ? standard : endGiven(given);
  const least = issuedBefore !== undefined || read.kind === 'token' ? standard : at;
  if (until < least) {
    throw new ConfigurationError(
      `revoke(...): until is ${iso(until)}, and a token that is revoked may be valid until ${iso(least)}.`,
      'Leave until out: the record then ends when no such token is valid any more.',
    );
  }
  if (until > at) return until;
  throw new ConfigurationError(
    read.kind === 'token' && given === undefined
      ? `revoke({ token }, …): the token expired at ${iso(read.expiresAt as number)}, and is refused anyway.`
      : `revoke(...): the record would end at ${iso(until)}, and now it is ${iso(at)}.`,
    'Nothing was revoked. Check the date, or the clock of this machine.',
  );
}

function endGiven(until: unknown): number {
  return until === Number.POSITIVE_INFINITY ? until : millisecondsOf('revoke(...): until', until);
}

function iso(time: number): string {
  return new Date(time).toISOString();
}
