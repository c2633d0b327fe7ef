import type { RequestKind } from '../requests.js';
import type { Call } from './call.js';

/** One address of the local Entra, and what answers there. */
export interface Route {
  readonly what: RequestKind;
  /** The first group, if there is one, is the tenant. */
  readonly path: RegExp;
  readonly methods: readonly string[];
  /** Whether it is Microsoft Graph's, which in process has another host. */
  readonly graph?: true;
  readonly answer: (call: Call) => Response | Promise<Response>;
}
