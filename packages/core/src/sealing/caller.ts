import { type Duration, secondsOf } from '../base/duration.js';
import { ConfigurationError, SealedCallerError } from '../base/errors.js';
import { isJsonObject, type JsonObject, parseJsonText } from '../base/json-object.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import { type AuthorityFacts, authorityOf } from '../caller/authority-facts.js';
import { assertCaller } from '../caller/caller.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import type { TokenKind } from '../caller/token-kind.js';
import { assertKnown } from '../options/option-readers.js';
import type { Opened } from './envelope.js';
import { type KeyRing, sealingOf } from './key-ring.js';

/** How a caller is sealed. */
export interface SealCallerOptions {
  /**
   * How long the sealed caller may be opened, from now: whole seconds, or `'15m'`; at most `'7d'`. It has no default: say how
   * long the job may wait, retries included.
   */
  readonly validFor: Duration;
  /** Milliseconds since the epoch, or a function that gives them. Default `Date.now`. */
  readonly now?: number | (() => number);
}

/** How a sealed caller is opened. */
export interface OpenCallerOptions {
  /** Milliseconds since the epoch, or a function that gives them. Default `Date.now`. */
  readonly now?: number | (() => number);
}

const PURPOSE = 'entra-guard-caller';
const LONGEST: Duration = '7d';
const LONGEST_MILLISECONDS = 604_800_000;

/** How far the clocks of two machines may be apart; milliseconds. */
const CLOCK_TOLERANCE = 300_000;

/** What is sealed. It holds no token: there is none in a context. */
interface SealedCaller extends TokenKind {
  readonly sealedAt: number;
  /** Milliseconds since the epoch, as all times here. */
  readonly until: number;
  readonly tenantId: string;
  readonly authority?: AuthorityFacts;
  readonly claims: JsonObject;
}

/** When a caller that was opened would have ended, so that to seal it again does not prolong it. */
const ends = new WeakMap<AuthContext, number>();

/**
 * Seals a caller for a job or a queue, with AES-256-GCM: reading the queue shows nothing of the caller, and writing to it can't
 * make one. Give the text to {@link openCaller} where the job runs.
 *
 * It ends after `validFor` and not with the token, since a job may run after the token has expired: until then the caller
 * has what the token granted, whatever is taken from them meanwhile. So keep it short. A caller that was opened and is sealed
 * again ends no later than before.
 *
 * @param auth the very caller that the guard gave
 * @param ring its first key seals
 * @throws ConfigurationError for a copy of a caller, what is not a key ring, and invalid options;
 * SealedCallerError (`sealed_caller_expired`) for a caller that was opened and has ended since
 */
export function sealCaller(auth: AuthContext, ring: KeyRing, options: SealCallerOptions): string {
  assertCaller('sealCaller(...)', auth);
  const sealing = sealingOf('sealCaller(...)', ring);
  const { validFor, now } = optionsOf('sealCaller', options, ['validFor', 'now']);
  const seconds = secondsOf('sealCaller(...): validFor', validFor, LONGEST);
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
 * Opens what {@link sealCaller} has sealed: a caller as the guard gives one, with the kind, scopes, roles and claims that it had.
 * `expiresAt` is still the token's. Nothing else makes a caller of text.
 *
 * @param text whatever stood in the job
 * @param ring all its keys open
 * @throws SealedCallerError: `sealed_caller_expired`; `sealed_caller_unreadable` where the text names a key that the ring lacks, or
 * a later version: keep the job until the roll-out is through; `sealed_caller_invalid` for everything else: never run the job.
 * ConfigurationError for what is not a key ring, and for unknown options
 */
export function openCaller(text: string, ring: KeyRing, options: OpenCallerOptions = {}): AuthContext {
  const sealing = sealingOf('openCaller(...)', ring);
  const now = timeFrom('openCaller', optionsOf('openCaller', options, ['now']).now);
  const opened = sealing.open(PURPOSE, text);
  if (opened.state !== 'opened') throw notOpened(opened, ring);
  const sealed = read(opened.text);
  if (sealed === undefined) throw unusable();
  if (now >= sealed.until) throw expired(sealed.until);
  if (sealed.sealedAt - now > CLOCK_TOLERANCE) throw fromTheFuture(sealed.sealedAt - now);
  const { kind, clientId, scopes, roles, tenantId, authority, claims } = sealed;
  const auth = new TokenAuthContext(claims, { kind, clientId, scopes, roles }, tenantId, authority);
  ends.set(auth, sealed.until);
  return auth;
}

function authorityIn(facts: AuthorityFacts | undefined): { readonly authority?: AuthorityFacts } {
  if (facts === undefined) return {};
  const { applicationIdUri, authorizationUri, realm } = facts;
  return { authority: { applicationIdUri, authorizationUri, realm } };
}

/** What has the key wrote it, but perhaps not this release. */
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
  // As the claims of a token: nothing is there that was not written.
  Object.setPrototypeOf(claims, null);
  return sealed as SealedCaller;
}

const isText = (value: unknown): boolean => typeof value === 'string';

const isListOfText = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

function isAuthority(value: unknown): boolean {
  if (!isJsonObject(value)) return false;
  return [value.applicationIdUri, value.authorizationUri, value.realm].every(isText);
}

/** What a Date can hold, so that errors can tell it. */
const isTime = (value: unknown): value is number => typeof value === 'number' && Math.abs(value) <= 8.64e15;

function notOpened(opened: Exclude<Opened, { readonly state: 'opened' }>, ring: KeyRing): SealedCallerError {
  switch (opened.state) {
    case 'version':
      return new SealedCallerError({
        code: 'sealed_caller_unreadable',
        message: `The sealed caller is of version ${opened.found}, and this release reads v1.`,
        hint: 'Roll this release out wherever jobs run before anything seals with a later one, and keep the job until then.',
      });
    case 'key':
      return new SealedCallerError({
        code: 'sealed_caller_unreadable',
        message: `The sealed caller names the key '${opened.found}', and the ring has ${ring.ids.join(', ')}.`,
        hint: 'Put a new key into the ring wherever jobs run before it becomes the first where they are made, and leave an old one until all that it has sealed has ended. Keep the job until then.',
      });
    case 'form':
      return new SealedCallerError({
        code: 'sealed_caller_invalid',
        message: 'The text is not a sealed caller.',
        hint: 'Pass exactly what sealCaller(...) gave. If nothing has cut or re-encoded it on the way, see what else writes to the queue.',
      });
    case 'seal':
      return new SealedCallerError({
        code: 'sealed_caller_invalid',
        message:
          'The sealed caller was changed, or sealed with another secret under the ID of a key of this ring.',
        hint: 'See that both sides have the same secrets, and what else writes to the queue. Never run the job.',
      });
  }
}

function unusable(): SealedCallerError {
  return new SealedCallerError({
    code: 'sealed_caller_invalid',
    message: 'The sealed caller was opened, and what is in it is not a caller.',
    hint: 'Something else seals with the same secret. Give this ring a secret of its own.',
  });
}

function expired(until: number): SealedCallerError {
  return new SealedCallerError({
    code: 'sealed_caller_expired',
    message: `The sealed caller ended at ${new Date(until).toISOString()}.`,
    hint: 'The job waited longer than the validFor that sealCaller(...) was given. Have the caller ask again, or give jobs that wait so long more time.',
  });
}

function fromTheFuture(milliseconds: number): SealedCallerError {
  return new SealedCallerError({
    code: 'sealed_caller_invalid',
    message: `The sealed caller was sealed ${Math.round(milliseconds / 1000)} seconds from now.`,
    hint: 'See the clocks of the two machines: at most 5 minutes between them are tolerated.',
  });
}

/** The options of a call, all of them known. */
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

/** No broken clock may make a caller last. */
function timeFrom(what: string, now: unknown = Date.now): number {
  const time: unknown = typeof now === 'function' ? now() : now;
  if (isTime(time) && isTime(time + LONGEST_MILLISECONDS)) return time;
  throw new ConfigurationError(
    `${what}(...): now is ${printable(time)}.`,
    'Give milliseconds since the epoch, or a function that does, as Date.now.',
  );
}
