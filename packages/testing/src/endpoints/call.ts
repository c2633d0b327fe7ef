import type { Accounts } from '../directory/accounts.js';
import type { Changes } from '../directory/changes.js';
import type { ConditionalAccess } from '../directory/conditional-access.js';
import type { Consents } from '../directory/consents.js';
import type { Notifications } from '../notifications.js';
import type { RequestRecord } from '../requests.js';
import type { TokenMaker, TokenSources } from '../tokens/token-maker.js';
import type { DeviceCodes } from './device-codes.js';
import type { Faults } from './faults.js';
import type { Sessions } from './sessions.js';

/** The parts of one local Entra that the endpoints use. */
export interface EntraServices extends TokenSources {
  readonly maker: TokenMaker;
  readonly sessions: Sessions;
  readonly deviceCodes: DeviceCodes;
  readonly accounts: Accounts;
  readonly changes: Changes;
  readonly notifications: Notifications;
  readonly consents: Consents;
  readonly policies: ConditionalAccess;
  readonly faults: Faults;
  readonly requests: RequestRecord[];
  /** Whether users sign in and consent on pages. Without them everything is consented to. */
  readonly pages: boolean;
  /** Whether users may consent for themselves. */
  readonly userConsent: boolean;
  /** Whether metadata says that PKCE is supported. */
  readonly advertisePkce: boolean;
  /** Calls back when the clock is advanced. Returns a function that ends it. */
  readonly onAdvance: (listener: () => void) => () => void;
  /** Aborted when the local Entra is closed. This ends requests that hang. */
  readonly closed: AbortSignal;
}

/** One request to an endpoint. */
export interface Call {
  readonly entra: EntraServices;
  readonly request: Request;
  readonly url: URL;
  /** The first segment of the path: a tenant, or an alias such as `common`. */
  readonly tenant: string;
}
