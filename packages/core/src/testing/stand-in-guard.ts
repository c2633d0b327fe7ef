import { ConfigurationError, CredentialError } from '../base/errors.js';
import type { LogSink } from '../base/log.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { RequestGuard } from '../guard/guard.js';
import type { Guard } from '../guard/guard-contract.js';
import { type GuardSettings, SETTING_NAMES } from '../guard/guard-options.js';
import { assertKnown } from '../options/option-readers.js';
import { type StandInCaller, standInCaller } from './stand-in-caller.js';
import { StandInValidator } from './stand-in-validator.js';

/** What a stand-in may be told: how to answer, how to tell, what time it is. */
export interface StandInSettings extends GuardSettings {
  /** As the option of a validator. Default the console. */
  readonly log?: LogSink | false;
  /** Milliseconds since the epoch, as `Date.now`, which is the default. */
  readonly now?: () => number;
}

/**
 * A guard in whose place every request comes from one caller: no `Authorization` header is read, no token asked for. What the caller
 * may do is judged, answered, logged and audited as always. Throws when `NODE_ENV` is `production`.
 *
 * It can't show that a bad token is refused: nothing here looks at one.
 *
 * @throws ConfigurationError for what is no caller, and for unknown settings
 */
export function standInGuard(caller: StandInCaller, given: StandInSettings = {}): Guard {
  const settings = ownOptions('standInGuard(...)', given);
  const callerNow = standInCaller('standInGuard(...)', caller);
  assertKnown('setting of a stand-in called', settings, [...SETTING_NAMES, 'log', 'now']);
  const { explain, auditClaims, correlationId, groupsOf, log, now = () => Date.now() } = settings;
  if (typeof now !== 'function') {
    throw new ConfigurationError(`now is ${printable(now)}.`, 'Pass a function, as Date.now is one.');
  }
  if (log !== undefined && log !== false && typeof log !== 'function') {
    throw new ConfigurationError(`log is ${printable(log)}.`, 'Pass a function, or false for silence.');
  }
  return new RequestGuard(
    new StandInValidator(log, now),
    { explain, auditClaims, correlationId, groupsOf },
    {
      readCredential: nothing,
      notesTokens: false,
      read: () => callerNow() ?? nothing(),
      validate: nothing,
    },
  );
}

/** What a request without an `Authorization` header is refused with, whatever the request has. */
function nothing(): never {
  throw new CredentialError({
    code: 'credentials_missing',
    message: 'The stand-in was told that there is no caller.',
    hint: "To have a caller, give it testAuth({ kind: 'user', scopes: ['Orders.Read'] }). Only a real guard reads tokens.",
  });
}
