import type { RequestRecord } from '../requests.js';
import type { TokenMaker, TokenSources } from '../tokens/token-maker.js';
import type { Faults } from './faults.js';
import type { Sessions } from './sessions.js';

/** Everything the endpoints need of one local Entra. */
export interface EntraServices extends TokenSources {
  readonly maker: TokenMaker;
  readonly sessions: Sessions;
  readonly faults: Faults;
  readonly requests: RequestRecord[];
  /** Aborted when the local Entra is closed: nothing hangs any longer. */
  readonly closed: AbortSignal;
}

/** One request on its way to an endpoint. */
export interface Call {
  readonly entra: EntraServices;
  readonly request: Request;
  readonly url: URL;
  /** The first segment of the path: a tenant or an alias of one. */
  readonly tenant: string;
}
