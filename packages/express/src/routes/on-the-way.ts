import { covers, type LayerPath, mayMeet } from './layer-path.js';
import type { Mark } from './mark.js';

/** What a request has come past on its way to a place. */
export interface Passage {
  /** What it has satisfied for certain. */
  readonly guards: readonly Mark[];
  /** What stands on its way as well, and need not have been asked before anything else ran, or at all. */
  readonly doubtful: readonly Doubtful[];
  /** What ran for it before any requirement could refuse it. */
  readonly exposed?: string | undefined;
}

interface Doubtful {
  readonly guard: Mark;
  readonly why: string;
}

export const NOTHING_PASSED: Passage = { guards: [], doubtful: [] };

const ERROR_HANDLER =
  'an error handler stands between guard.require and it: where that calls next(), a request that fails before the guard goes past it';

/** What stands before the next layer of one router: grows as the router's stack is read. */
export class OnTheWay {
  readonly #before: Passage;
  readonly #guards: { readonly path: LayerPath; readonly mark: Mark }[] = [];
  /** Error handlers, with how many guards stand before each. */
  readonly #errorHandlers: { readonly path: LayerPath; readonly guards: number }[] = [];
  readonly #loaders: { readonly path: LayerPath; readonly why: string }[] = [];

  /** @param before what requests have passed before they come to the router */
  constructor(before: Passage) {
    this.#before = before;
  }

  addGuard(path: LayerPath, mark: Mark): void {
    this.#guards.push({ path, mark });
  }

  addErrorHandler(path: LayerPath): void {
    this.#errorHandlers.push({ path, guards: this.#guards.length });
  }

  /**
   * What `param()` was given for a parameter of a mount path. Express calls it for every request of the path, also for
   * failed ones: a guard of this router that passes its refusal on does not stop it. Only a guard around the router does.
   */
  addLoader(path: LayerPath, why: string): void {
    if (!isDecided(this.#before)) this.#loaders.push({ path, why });
  }

  to(path: LayerPath, isMount: boolean): Passage {
    const guards = [...this.#before.guards];
    const doubtful = [...this.#before.doubtful];
    const loader = this.#loaders.find((one) => mayMeet(one.path, path, isMount));
    const handlers = this.#errorHandlers.filter((one) => mayMeet(one.path, path, isMount));
    this.#guards.forEach((guard, index) => {
      if (!covers(guard.path, path, isMount)) return;
      const skipped = handlers.some((one) => one.guards > index);
      const why = this.#before.exposed ?? loader?.why ?? (skipped ? ERROR_HANDLER : undefined);
      if (why === undefined) guards.push(guard.mark);
      else doubtful.push({ guard: guard.mark, why });
    });
    return { guards, doubtful, exposed: this.#before.exposed ?? loader?.why };
  }
}

/** Whether a request that comes this way has been decided about. */
export function isDecided({ guards }: Passage): boolean {
  return guards.some(({ role }) => typeof role === 'object');
}

/** Every guard that stands on the way, in doubt or not. */
export function standing({ guards, doubtful }: Passage): readonly Mark[] {
  return [...guards, ...doubtful.map(({ guard }) => guard)];
}

/** Why a requirement on the way is in doubt. */
export function doubtOf({ doubtful }: Passage): string | undefined {
  return doubtful.find(({ guard }) => typeof guard.role === 'object')?.why;
}
