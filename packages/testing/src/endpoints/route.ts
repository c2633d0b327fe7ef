import type { RequestKind } from '../requests.js';
import type { Call, EntraServices } from './call.js';
import type { Host } from './place.js';

/** One address of the local Entra, and what answers there. */
export interface Route {
  readonly what: RequestKind;
  /** The first group, if there is one, is the tenant. */
  readonly path: RegExp;
  readonly methods: readonly string[];
  /** Whose address it is. In process they have hosts of their own. Default `entra`. */
  readonly host?: Host;
  /** Whether a request with this path is answered here, and not by the next route that has it. Default: all are. */
  readonly when?: (entra: EntraServices, url: URL) => boolean;
  readonly answer: (call: Call) => Response | Promise<Response>;
}
