import { ownOptions } from '@entra-guard/core';
import { LocalEntraError } from '../error.js';

/** What can be made to fail. */
export type FaultTarget = 'keys' | 'metadata' | 'token';

/**
 * How it fails: with an HTTP status; `'hang'`, no answer until the request is aborted; `'garbage'`, a 200 that is a
 * page of HTML; `'disconnect'`, the connection breaks.
 */
export type Fault = number | 'hang' | 'garbage' | 'disconnect';

export interface FaultOptions {
  /** How many requests fail; later ones are answered. Default `Infinity`. */
  readonly times?: number;
  /** Headers of an answer with a status, such as `{ 'retry-after': '30' }`. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface ActiveFault {
  readonly target: FaultTarget;
  readonly fault: Fault;
  readonly headers: Readonly<Record<string, string>>;
  left: number;
}

/** The faults that are on. The latest one for a target goes first. */
export class Faults {
  #active: readonly ActiveFault[] = [];

  /** @returns ends the fault */
  add(target: FaultTarget, fault: Fault, options: FaultOptions): () => void {
    const { times = Number.POSITIVE_INFINITY, headers = {} } = ownOptions('entra.fail(...)', options);
    assertTarget(target);
    assertFault(fault);
    if (!(times > 0)) {
      throw new LocalEntraError(
        'option_invalid',
        `fail(…, { times }) is ${times}, but at least one request has to fail.`,
      );
    }
    const active: ActiveFault = { target, fault, headers, left: times };
    this.#active = [active, ...this.#active];
    return () => {
      this.#active = this.#active.filter((other) => other !== active);
    };
  }

  /** The fault that the next request for a target meets, if any. */
  next(
    target: string,
  ): { readonly fault: Fault; readonly headers: Readonly<Record<string, string>> } | undefined {
    const active = this.#active.find((candidate) => candidate.target === target);
    if (active === undefined) return undefined;
    active.left -= 1;
    if (active.left <= 0) this.#active = this.#active.filter((other) => other !== active);
    return active;
  }
}

function assertTarget(target: string): void {
  if (!['keys', 'metadata', 'token'].includes(target)) {
    throw new LocalEntraError(
      'option_invalid',
      `fail('${target}') names nothing that can fail: keys, metadata or token.`,
    );
  }
}

function assertFault(fault: Fault): void {
  const status = typeof fault === 'number' && Number.isInteger(fault) && fault >= 200 && fault <= 599;
  if (!status && !['hang', 'garbage', 'disconnect'].includes(String(fault))) {
    throw new LocalEntraError(
      'option_invalid',
      `fail(…, ${String(fault)}) is no way to fail: an HTTP status, 'hang', 'garbage' or 'disconnect'.`,
    );
  }
}
