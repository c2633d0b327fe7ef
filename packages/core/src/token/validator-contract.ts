import type { Health } from '../base/health.js';
import type { LogSink } from '../base/log.js';
import { ownMember, ownMembers } from '../base/own-member.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { AuthorizationServer } from '../keys/authorization-server.js';
import type { ValidatorState } from '../keys/documents/validator-state.js';
import type { SharedSettings } from '../options/guard-settings.js';
import type { KeySnapshot } from '../options/key-snapshot.js';
import type { Owner } from '../options/options.js';
import type { Candidate } from './candidate.js';

/** Validates access tokens, and tells whose they are. */
export interface Validator {
  /** The API's application ID URI (of its first authority), with which full scope names begin. */
  readonly applicationIdUri: string;
  /**
   * Validates one access token, without "Bearer".
   *
   * @throws TokenError if the token is refused, UnavailableError while keys or a hook's answer are unavailable (as
   * rejections)
   */
  validate(accessToken: string): Promise<AuthContext>;
  /**
   * Loads keys before the first request. Optional, for start-up. Loads only the first ten of a list of tenants.
   *
   * @throws UnavailableError, ConfigurationError if two authorities accept the same tokens (as rejections)
   */
  ready(): Promise<void>;
  state(): ValidatorState;
  /** Tells whether tokens can be validated, for readiness probes. Loads keys if none have been read yet. Never rejects. */
  health(): Promise<Health>;
  /**
   * Returns where clients get tokens for this API, from the metadata of its (first) authority. For documents that
   * describe the API.
   *
   * @throws UnavailableError while the metadata is unavailable, ConfigurationError if it names no endpoint (as rejections)
   */
  authorizationServer(): Promise<AuthorizationServer>;
  /**
   * Returns the loaded metadata and keys, to start another validator with (option `keys.seed`). Plain JSON without
   * secrets.
   */
  snapshot(): KeySnapshot;
  /** Drops all keys and aborts running requests for keys. Idempotent. */
  close(): void;
}

/** The settings that a guard takes from its validator. */
export interface ValidatorSettings {
  readonly realm: string;
  readonly owner: Owner | undefined;
  readonly now: () => number;
  readonly log: LogSink | false | undefined;
  /** Whether more than one tenant is accepted. Absent for a validator of another maker or release. */
  readonly severalTenants?: boolean;
  /** Its authorities. Absent for a validator of another maker or release. */
  readonly candidates?: readonly Candidate[];
  /** Whether callers come with assertions of another service, and not with access tokens. Absent: with access tokens. */
  readonly assertions?: boolean;
  /** What it was given in addition to its authorities. */
  readonly shared?: SharedSettings;
}

/** A registered symbol, because a guard may use a validator from another copy of the package. */
export const SETTINGS: unique symbol = Symbol.for('entra-guard/validator-settings') as never;

/** Returns what a validator was given for the guards that are built with it. A validator of an earlier release has none. */
export function sharedOf(settings: ValidatorSettings): SharedSettings {
  return ownMembers(ownMember(settings, 'shared') ?? {});
}

/** Returns a validator's settings; defaults for a validator that is not this package's. */
export function settingsOf(validator: Validator): ValidatorSettings {
  const settings = (validator as { readonly [SETTINGS]?: ValidatorSettings })[SETTINGS];
  return settings ?? { realm: '', owner: undefined, now: () => Date.now(), log: undefined };
}
