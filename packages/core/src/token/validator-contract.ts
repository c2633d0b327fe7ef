import type { LogSink } from '../base/log.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { AuthorizationServer } from '../keys/authorization-server.js';
import type { ValidatorState } from '../keys/documents/validator-state.js';
import type { Health } from '../keys/health.js';
import type { KeySnapshot } from '../options/key-snapshot.js';
import type { Owner } from '../options/options.js';

/** Tells whether access tokens may pass, and whose they are. */
export interface Validator {
  /** The application ID URI of the API, of its first authority: scopes in full begin with it. */
  readonly applicationIdUri: string;
  /**
   * Validates one access token, without "Bearer".
   *
   * @throws TokenError when the token is refused, KeysUnavailableError while that is unavailable (as rejections)
   */
  validate(accessToken: string): Promise<AuthContext>;
  /**
   * Loads keys ahead of the first request; optional, for start-up. Of a list of tenants only the first ten are loaded.
   *
   * @throws KeysUnavailableError, ConfigurationError where two authorities turn out to accept the same tokens (as rejections)
   */
  ready(): Promise<void>;
  state(): ValidatorState;
  /**
   * Loads keys where none have been read yet, and says whether tokens can be judged: for readiness probes. Never rejects.
   */
  health(): Promise<Health>;
  /**
   * Where clients get tokens for this API, as the metadata of its (first) authority says; for documents that describe it.
   *
   * @throws KeysUnavailableError while the metadata is unavailable, ConfigurationError if it names no endpoint (as rejections)
   */
  authorizationServer(): Promise<AuthorizationServer>;
  /** The metadata and keys that are loaded, to start another validator with: the option `keys.seed`. Plain JSON, nothing secret. */
  snapshot(): KeySnapshot;
  /** Drops all keys and ends running requests for keys. Idempotent. */
  close(): void;
}

/** What a guard takes over from its validator. */
export interface ValidatorSettings {
  readonly realm: string;
  readonly owner: Owner | undefined;
  readonly now: () => number;
  readonly log: LogSink | false | undefined;
}

/** Registered: a guard may be handed a validator that another copy of the package made. */
export const SETTINGS: unique symbol = Symbol.for('entra-guard/validator-settings') as never;

/** What a guard needs to know of a validator; defaults for one that another maker built. */
export function settingsOf(validator: Validator): ValidatorSettings {
  const settings = (validator as { readonly [SETTINGS]?: ValidatorSettings })[SETTINGS];
  return settings ?? { realm: '', owner: undefined, now: () => Date.now(), log: undefined };
}
