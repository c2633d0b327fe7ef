import type { Anonymous, Grant } from '@entra-guard/core';
import { covers, type LayerPath, mayMeet } from './layer-path.js';

/** What a mounted guard demands of whoever passes it. */
export type Demand = Grant | Anonymous | 'authenticate';

/** What a request has come past on its way to a place. */
export interface Passage {
  /** What it has satisfied for certain. */
  readonly demands: readonly Demand[];
  /** What stands on its way as well, and need not have been asked before anything else ran, or at all. */
  readonly doubtful: readonly Doubtful[];
  /** What ran for it before any requirement could refuse it. */
  readonly exposed?: string | undefined;
}

interface Doubtful {
  readonly demand: Demand;
  readonly why: string;
}

export const NOTHING_PASSED: Passage = { demands: [], doubtful: [] };

const ERROR_HANDLER =
  'an error handler stands between guard.require and it: where that calls next(), a request that fails before the guard goes past it';

/** What stands before the next layer of one router: grows as the router's stack is read. */
export class OnTheWay {
  readonly #before: Passage;
  readonly #guards: { readonly path: LayerPath; readonly demand: Demand; readonly doubt?: string }[] = [];
  /** Error handlers, with how many guards stand before each. */
  readonly #errorHandlers: { readonly path: LayerPath; readonly guards: number }[] = [];
  readonly #loaders: { readonly path: LayerPath; readonly why: string }[] = [];

  /** @param before what requests have passed before they come to the router */
  constructor(before: Passage) {
    this.#before = before;
  }

  addGuard(path: LayerPath, demand: Demand): void {
    const { exposed } = this.to(path, true);
    this.#guards.push({ path, demand, ...(exposed === undefined ? {} : { doubt: exposed }) });
  }

  addErrorHandler(path: LayerPath): void {
    this.#errorHandlers.push({ path, guards: this.#guards.length });
  }

  /** What `param()` was given for a parameter of a mount path: runs for every request that the path takes. */
  addLoader(path: LayerPath, why: string): void {
    if (!isDecided(this.to(path, true))) this.#loaders.push({ path, why });
  }

  to(path: LayerPath, isMount: boolean): Passage {
    const demands = [...this.#before.demands];
    const doubtful = [...this.#before.doubtful];
    const handlers = this.#errorHandlers.filter((one) => mayMeet(one.path, path, isMount));
    this.#guards.forEach((guard, index) => {
      if (!covers(guard.path, path, isMount)) return;
      const skipped = handlers.some(({ guards }) => guards > index);
      const why = guard.doubt ?? (skipped ? ERROR_HANDLER : undefined);
      if (why === undefined) demands.push(guard.demand);
      else doubtful.push({ demand: guard.demand, why });
    });
    const loader = this.#loaders.find((one) => mayMeet(one.path, path, isMount));
    return { demands, doubtful, exposed: this.#before.exposed ?? loader?.why };
  }
}

/** Whether a request that comes this way has been decided about. */
export function isDecided({ demands }: Passage): boolean {
  return demands.some((one) => typeof one === 'object');
}
