import type { Instant } from '../base/instant.js';
import type { EntraClaims } from '../caller/claims.js';

/** The members of every test caller. Omitted IDs become GUIDs that begin with `7e577e57`, which are obviously false. */
interface AnyTestCaller {
  /** User roles of a user, application permissions of an app. Default none. */
  readonly roles?: readonly string[];
  /** The tenant's GUID. */
  readonly tenantId?: string;
  /** The client application's GUID. */
  readonly clientId?: string;
  /** Group IDs, or `'overage'` for more than a token holds. Default none. */
  readonly groups?: readonly string[] | 'overage';
  /** Satisfied authentication contexts, such as `c1`. Default none. */
  readonly authenticationContexts?: readonly string[];
  /** When the token expires, rounded down to whole seconds. Default 2100-01-01. */
  readonly expiresAt?: Instant;
  /** The token's unique ID. Default `no-token`. */
  readonly tokenId?: string;
  /**
   * Further claims as a token carries them: `{ auth_time: 1767225600 }`, `{ xms_act_fct: '11' }`, `{ ver: '1.0' }`.
   * Claims that another member sets are refused here.
   */
  readonly claims?: Partial<EntraClaims>;
}

/** A user with an app (delegated). */
export interface TestUser extends AnyTestCaller {
  readonly kind: 'user';
  /** Short names. At least one, because Entra issues no delegated token for an API without a scope. */
  readonly scopes: readonly [string, ...string[]];
  /** The user's GUID; `null` for a user without one, as in some B2C tenants. */
  readonly objectId?: string | null;
  /** Whether the user is a guest. Default: the token does not say. */
  readonly guest?: boolean;
}

/** An app without a user (app-only). */
export interface TestApp extends AnyTestCaller {
  readonly kind: 'app';
  readonly scopes?: never;
  /** The GUID of the app's service principal. */
  readonly objectId?: string;
  readonly guest?: never;
}

/** Description of a caller for `testAuth`. */
export type TestCaller = TestUser | TestApp;
