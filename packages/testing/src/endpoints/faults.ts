import { ownOptions } from '@entra-guard/core';
import { LocalEntraError } from '../error.js';

/** The requests that can be made to fail: for keys, for metadata, to the token endpoint, or to Microsoft Graph. */
export type FaultTarget = 'keys' | 'metadata' | 'token' | 'graph';

/**
 * How a request fails: an HTTP status; `'hang'`, no response until the request is aborted; `'garbage'`, status 200 with
 * a page of HTML; `'disconnect'`, the connection breaks.
 */
export type Fault = number | 'hang' | 'garbage' | 'disconnect';

export interface FaultOptions {
  /** How many requests fail. Later ones are answered. Default `Infinity`. */
  readonly times?: number;
  /** Headers of the response when the fault is a status, such as `{ 'retry-after': '30' }`. */
  readonly headers?: Readonly<Record<string, string>>;
}

interface ActiveFault {
  readonly target: FaultTarget;
  readonly fault: Fault;
  readonly headers: Readonly<Record<string, string>>;
  left: number;
}

/** The active faults. The latest one for a target applies first. */
export class Faults {
  #active: readonly ActiveFault[] = [];

  /**
   * Adds a fault.
   * @returns a function that ends the fault
   */
  add(target: FaultTarget, fault: Fault, options: FaultOptions): () => void {
    const { times = Number.POSITIVE_INFINITY, headers = {} } = ownOptions('entra.fail(...)', options);
    assertTarget(target);
    assertFault(fault);
    assertTimes('fail', times);
    const active: ActiveFault = { target, fault, headers, left: times };
    this.#active = [active, ...this.#active];
    return () => {
      this.#active = this.#active.filter((other) => other !== active);
    };
  }

  /** Takes the fault that the next request for a target meets, if there is one. */
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
  if (!['keys', 'metadata', 'token', 'graph'].includes(target)) {
    throw new LocalEntraError(
      'option_invalid',
      `fail('${target}', …) has an invalid target. Use 'keys', 'metadata', 'token' or 'graph'.`,
    );
  }
}

/** @throws {LocalEntraError} `option_invalid` */
export function assertTimes(call: string, times: number): void {
  if (times > 0) return;
  throw new LocalEntraError(
    'option_invalid',
    `${call}(…, { times }) is ${times}, but times is a number of requests, at least 1.`,
  );
}

/** @throws {LocalEntraError} `option_invalid` */
export function assertFault(fault: Fault): void {
  const status = typeof fault === 'number' && Number.isInteger(fault) && fault >= 200 && fault <= 599;
  if (!status && !['hang', 'garbage', 'disconnect'].includes(String(fault))) {
    throw new LocalEntraError(
      'option_invalid',
      `fail(…, ${String(fault)}) has an invalid fault. Use an HTTP status from 200 to 599, 'hang', 'garbage' or 'disconnect'.`,
    );
  }
}
