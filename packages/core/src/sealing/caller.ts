import { type Duration, secondsOf } from '../base/duration.js';
import { ConfigurationError, SealedCallerError } from '../base/errors.js';
import { type Instant, timeOf } from '../base/instant.js';
import { isJsonObject, type JsonObject, parseJsonText } from '../base/json-object.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import { type AuthorityFacts, authorityOf } from '../caller/authority-facts.js';
import { assertCaller } from '../caller/caller.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import type { TokenKind } from '../caller/token-kind.js';
import { readRevocations } from '../options/guard-settings.js';
import { assertKnown } from '../options/option-readers.js';
import type { Revocations } from '../options/revocations.js';
import { issuedAt } from '../revocation/cutoff.js';
import { lastUse } from '../revocation/ends.js';
import { RevocationJudge } from '../revocation/judge.js';
import type { Opened } from './envelope.js';
import { type KeyRing, sealingOf } from './key-ring.js';

/** Options of {@link sealCaller}. */
export interface SealCallerOptions {
  /**
   * How long the sealed caller can be opened, from now: whole seconds, or text such as `'15m'`; at most `'7d'`.
   * Required: it is how long the job may wait, including retries.
   */
  readonly validFor: Duration;
  /** When this is done, or a function that gives it in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Instant | (() => number);
}

/** Options of {@link openCaller}. */
export interface OpenCallerOptions {
  /**
   * Refuses a caller whose access was revoked, as a guard does. Also refuses a caller whose token was issued longer ago than records
   * are kept (`longestToken`, and 10 minutes), because a record about it may have ended. Default: what was revoked after the caller
   * was sealed is not asked.
   */
  readonly revocations?: Revocations;
  /** When this is done, or a function that gives it in milliseconds since the epoch. Default `Date.now`. */
  readonly now?: Instant | (() => number);
}

const PURPOSE = 'entra-guard-caller';
const LONGEST: Duration = '7d';
const LONGEST_MILLISECONDS = 604_800_000;

/** Tolerated difference between the clocks of two machines, in milliseconds. */
const CLOCK_TOLERANCE = 300_000;

/** The sealed content. It holds no token, because a context holds none. */
interface SealedCaller extends TokenKind {
  readonly sealedAt: number;
  /** When the sealed caller ends. This and all other times are milliseconds since the epoch. */
  readonly until: number;
  readonly tenantId: string;
  readonly authority?: AuthorityFacts;
  readonly claims: JsonObject;
}

/** When opened callers end, so that sealing one again does not prolong it. */
const ends = new WeakMap<AuthContext, number>();

/**
 * Seals a caller for a job or a queue, with AES-256-GCM: read access to the queue does not show the caller, and write
 * access can't make one. Pass the text to {@link openCaller} where the job runs.
 *
 * The sealed caller ends after `validFor` and not with the token, because a job may run after the token has expired.
 * Until then it has all permissions of the token, even if roles are taken away meanwhile, so keep `validFor` short. Access that was
 * revoked is refused only if {@link openCaller} is given `revocations`. If an
 * opened caller is sealed again, it ends no later than before.
 *
 * @param auth the caller that the guard gave, not a copy
 * @param ring the key ring; its first key seals
 * @throws ConfigurationError for a copy of a caller, an invalid key ring or invalid options; SealedCallerError
 * (`sealed_caller_expired`) for an opened caller that has ended since
 */
export function sealCaller(auth: AuthContext, ring: KeyRing, options: SealCallerOptions): string {
  assertCaller('sealCaller(...)', auth);
  const sealing = sealingOf('sealCaller(...)', ring);
  const { validFor, now } = optionsOf('sealCaller', options, ['validFor', 'now']);
  const seconds = secondsOf('sealCaller(...): validFor', validFor, { most: LONGEST });
  const sealedAt = timeFrom('sealCaller', now);
  const until = Math.min(sealedAt + seconds * 1000, ends.get(auth) ?? Number.POSITIVE_INFINITY);
  if (until <= sealedAt) throw expired(until);
  const { kind, clientId, tenantId, scopes, roles, claims } = auth;
  const sealed: SealedCaller = {
    sealedAt,
    until,
    kind,
    clientId,
    tenantId,
    scopes,
    roles,
    ...authorityIn(authorityOf(auth)),
    claims: claims as JsonObject,
  };
  return sealing.seal(PURPOSE, JSON.stringify(sealed));
}

/**
 * Opens what {@link sealCaller} has sealed. Returns a caller like the guard's, with its kind, scopes, roles and claims.
 * `expiresAt` is still the token's. No other function makes a caller from text.
 *
 * @param text the text in the job
 * @param ring the key ring; all its keys open
 * @throws SealedCallerError: `sealed_caller_expired`; `sealed_caller_unreadable` if the text names a key that the ring
 * lacks, or a later version (keep the job until the roll-out is complete); `sealed_caller_invalid` for anything else
 * (never run the job). TokenError `token_revoked` if the caller's access was revoked; UnavailableError `revocations_unavailable` if
 * that can't be told (keep the job). ConfigurationError for an invalid key ring or unknown options
 */
export function openCaller(text: string, ring: KeyRing, options: OpenCallerOptions = {}): AuthContext {
  const sealing = sealingOf('openCaller(...)', ring);
  const { now: given, revocations } = optionsOf('openCaller', options, ['now', 'revocations']);
  const now = timeFrom('openCaller', given);
  const store = readRevocations(revocations);
  const opened = sealing.open(PURPOSE, text);
  if (opened.state !== 'opened') throw notOpened(opened, ring);
  const sealed = read(opened.text);
  if (sealed === undefined) throw unusable();
  if (now >= sealed.until) throw expired(sealed.until);
  if (sealed.sealedAt - now > CLOCK_TOLERANCE) throw fromTheFuture(sealed.sealedAt - now);
  const { kind, clientId, scopes, roles, tenantId, authority, claims } = sealed;
  const auth = new TokenAuthContext(claims, { kind, clientId, scopes, roles }, tenantId, authority);
  ends.set(auth, sealed.until);
  if (store !== undefined) assertNotRevoked(auth, store, now);
  return auth;
}

/** Judges a caller as a guard does, and only as long as a record about its token would be kept. */
function assertNotRevoked(auth: AuthContext, store: Revocations, now: number): void {
  new RevocationJudge(store, () => now).judge(auth);
  const last = lastUse(issuedAt(auth.claims) ?? Number.NEGATIVE_INFINITY, store.longestToken) * 1000;
  if (now < last) return;
  throw new SealedCallerError({
    code: 'sealed_caller_expired',
    message:
      "The sealed caller's token was issued longer ago than revocations are kept, so it can't be told whether access was revoked.",
    hint: 'Seal with a shorter validFor, or raise longestToken of the revocations, which are then kept for longer.',
  });
}

function authorityIn(facts: AuthorityFacts | undefined): { readonly authority?: AuthorityFacts } {
  if (facts === undefined) return {};
  const { applicationIdUri, authorizationUri, realm } = facts;
  return { authority: { applicationIdUri, authorizationUri, realm } };
}

/** Reads the sealed content. Its writer had the key, but may have been another release. */
function read(text: string): SealedCaller | undefined {
  const sealed = parseJsonText(text) as Partial<SealedCaller> | undefined;
  if (sealed === undefined) return undefined;
  const { sealedAt, until, kind, clientId, tenantId, scopes, roles, authority, claims } = sealed;
  const isCaller =
    isTime(sealedAt) &&
    isTime(until) &&
    (kind === 'user' || kind === 'app') &&
    [clientId, tenantId].every(isText) &&
    [scopes, roles].every(isListOfText) &&
    (authority === undefined || isAuthority(authority)) &&
    isJsonObject(claims);
  if (!isCaller) return undefined;
  // Like the claims of a token: without members that were not written.
  Object.setPrototypeOf(claims, null);
  return sealed as SealedCaller;
}

const isText = (value: unknown): boolean => typeof value === 'string';

const isListOfText = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

function isAuthority(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return [value.applicationIdUri, value.authorizationUri, value.realm].every(isText);
}

/** Tells whether a time fits into a Date, so that errors can show it. */
const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 8.64e15;

function notOpened(opened: Exclude<Opened, { readonly state: 'opened' }>, ring: KeyRing): SealedCallerError {
  switch (opened.state) {
    case 'version':
      return new SealedCallerError({
        code: 'sealed_caller_unreadable',
        message: `The sealed caller has version ${opened.found}, and this release reads v1.`,
        hint: 'Update entra-guard where jobs run before it is updated where they are made. Keep the job until then.',
      });
    case 'key':
      return new SealedCallerError({
        code: 'sealed_caller_unreadable',
        message: `The sealed caller names the key '${opened.found}', and the ring has ${ring.ids.join(', ')}.`,
        hint: 'Add a new key to the ring where jobs run before it becomes the first key where they are made. Keep an old key until all that it has sealed has ended. Keep the job until then.',
      });
    case 'form':
      return new SealedCallerError({
        code: 'sealed_caller_invalid',
        message: 'The text is not a sealed caller.',
        hint: 'Pass exactly what sealCaller(...) gave. If it was not cut or re-encoded on the way, find out what else writes to the queue.',
      });
    case 'seal':
      return new SealedCallerError({
        code: 'sealed_caller_invalid',
        message:
          'The sealed caller was changed, or sealed with another secret under the ID of a key of this ring.',
        hint: 'Check that both sides have the same secrets, and find out what else writes to the queue. Never run the job.',
      });
  }
}

function unusable(): SealedCallerError {
  return new SealedCallerError({
    code: 'sealed_caller_invalid',
    message: 'The sealed caller was opened, but its content is not a caller.',
    hint: 'Something else seals with the same secret. Give this ring its own secret.',
  });
}

function expired(until: number): SealedCallerError {
  return new SealedCallerError({
    code: 'sealed_caller_expired',
    message: `The sealed caller ended at ${new Date(until).toISOString()}.`,
    hint: 'The job waited longer than the validFor that sealCaller(...) was given. Have the caller ask again, or raise validFor.',
  });
}

function fromTheFuture(milliseconds: number): SealedCallerError {
  return new SealedCallerError({
    code: 'sealed_caller_invalid',
    message: `The sealed caller was sealed ${Math.round(milliseconds / 1000)} seconds from now.`,
    hint: 'Set the clocks of the two machines: a difference of at most 5 minutes is tolerated.',
  });
}

/** Reads the options of a call, and refuses unknown ones. */
function optionsOf<Name extends string>(
  what: string,
  options: unknown,
  names: readonly Name[],
): Readonly<Partial<Record<Name, unknown>>> {
  if (typeof options !== 'object' || options === null) {
    throw new ConfigurationError(
      `${what}(...) was given ${typeof options === 'string' ? 'a string' : printable(options)} for its options.`,
      `Pass an object: { ${names[0] === 'validFor' ? "validFor: '15m'" : names.join(', ')} }.`,
    );
  }
  assertKnown(`option of ${what}(...) called`, options, names);
  return ownOptions(`${what}(...)`, options as Partial<Record<Name, unknown>>, names);
}

/** Reads the time. Refuses anything but a valid time, so that a broken clock can't prolong a caller. */
function timeFrom(what: string, now: unknown = Date.now): number {
  const time = timeOf(typeof now === 'function' ? now() : now);
  if (isTime(time) && isTime(time + LONGEST_MILLISECONDS)) return time;
  throw new ConfigurationError(
    `${what}(...): now is ${printable(time)}.`,
    'Give a Date, milliseconds since the epoch, or a function that gives these, as Date.now.',
  );
}
