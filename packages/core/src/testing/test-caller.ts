import type { EntraClaims } from '../caller/claims.js';

/** What there is to say of any caller. What is left out is obviously false: GUIDs that begin with `7e577e57`. */
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
  /** Milliseconds since the epoch; a token has whole seconds. Default the beginning of the year 2100. */
  readonly expiresAt?: number;
  /** The token's unique ID. Default `no-token`. */
  readonly tokenId?: string;
  /**
   * Further claims as a token carries them: `{ auth_time: 1767225600 }`, `{ xms_act_fct: '11' }`, `{ ver: '1.0' }`. Those
   * that have a member of their own are refused here.
   */
  readonly claims?: Partial<EntraClaims>;
}

/** A user, through an app (delegated). */
export interface TestUser extends AnyTestCaller {
  readonly kind: 'user';
  /** Short names. At least one: Entra issues no token to call an API for a user without any. */
  readonly scopes: readonly [string, ...string[]];
  /** The user's GUID; `null` for one who has none, as in some B2C tenants. */
  readonly objectId?: string | null;
  /** Whether the user is a guest. Default: the token does not say. */
  readonly guest?: boolean;
}

/** An app by itself (app-only). */
export interface TestApp extends AnyTestCaller {
  readonly kind: 'app';
  readonly scopes?: never;
  /** The GUID of the app's service principal. */
  readonly objectId?: string;
  readonly guest?: never;
}

/** What `testAuth` makes a caller of. */
export type TestCaller = TestUser | TestApp;
