import type { RequestLike } from '@entra-guard/core';
import type { ContextAdapter } from '../contexts/context-adapter.js';

/** In place of a request that nothing shows. */
export const NO_REQUEST: RequestLike = { headers: {} };

/** One object is authenticated once; a copy is looked at afresh. */
export function copyOf({ headers, rawHeaders, method }: RequestLike = NO_REQUEST): RequestLike {
  return { headers, rawHeaders, method };
}

/** Whether a step gave something that reads contexts. */
export function isAdapter(value: unknown): value is ContextAdapter {
  return typeof value === 'object' && value !== null && typeof (value as ContextAdapter).read === 'function';
}

/** Whether a step gave something that credentials can be read from. */
export function isRequest(value: unknown): value is RequestLike {
  if (typeof value !== 'object' || value === null) return false;
  const { headers } = value as { readonly headers?: unknown };
  return typeof headers === 'object' && headers !== null;
}

/** Whether a step gave something that hosts can make an answer of. */
export function isThrowable(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Drops a value that may be a promise: one that is rejected and not handled would end the process. */
export function drop(value: unknown): void {
  Promise.resolve(value).catch(() => {});
}
