import { ConfigurationError, CredentialError } from '../base/errors.js';
import type { LogSink } from '../base/log.js';
import { ownOptions } from '../base/own-options.js';
import { printable } from '../base/printable.js';
import { RequestGuard } from '../guard/guard.js';
import type { Guard } from '../guard/guard-contract.js';
import { type GuardSettings, pickSettings } from '../guard/guard-options.js';
import { SETTING_NAMES } from '../options/guard-settings.js';
import { assertKnown } from '../options/option-readers.js';
import { type StandInCaller, standInCaller } from './stand-in-caller.js';
import { StandInValidator } from './stand-in-validator.js';

/** Settings of {@link standInGuard}. */
export interface StandInSettings extends GuardSettings {
  /** Receives log entries; `false` for none. Default: `console` for warnings and errors. */
  readonly log?: LogSink | false;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

/**
 * Builds a guard for tests that takes every request as one caller's. It reads no `Authorization` header and requires no
 * token. It evaluates requirements, answers, logs and audits like a real guard. Throws if `NODE_ENV` is `production`.
 *
 * It can't show that an invalid token is refused, because it does not look at tokens.
 *
 * @throws ConfigurationError for anything but a caller, and for unknown settings
 */
export function standInGuard(caller: StandInCaller, given: StandInSettings = {}): Guard {
  const settings = ownOptions('standInGuard(...)', given);
  const callerNow = standInCaller('standInGuard(...)', caller);
  assertKnown('setting of a stand-in called', settings, [...SETTING_NAMES, 'log', 'now']);
  const { log, now = () => Date.now() } = settings;
  if (typeof now !== 'function') {
    throw new ConfigurationError(`now is ${printable(now)}.`, 'Pass a function such as Date.now.');
  }
  if (log !== undefined && log !== false && typeof log !== 'function') {
    throw new ConfigurationError(`log is ${printable(log)}.`, 'Pass a function, or false for no log.');
  }
  return new RequestGuard(new StandInValidator(log, now), pickSettings(settings), {
    readCredential: nothing,
    notesTokens: false,
    hasTokens: false,
    read: () => callerNow() ?? nothing(),
    validate: nothing,
  });
}

/** Refuses the request like one without an `Authorization` header. */
function nothing(): never {
  throw new CredentialError({
    code: 'credentials_missing',
    message: 'The stand-in was told that there is no caller.',
    hint: "To have a caller, give it testAuth({ kind: 'user', scopes: ['Orders.Read'] }). Only a real guard reads tokens.",
  });
}
