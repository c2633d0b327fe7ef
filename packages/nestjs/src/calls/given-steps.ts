import type { RequestLike } from '@entra-guard/core';
import type { ContextAdapter } from '../contexts/context-adapter.js';

/** Stands for a request that the context does not show. */
export const NO_REQUEST: RequestLike = { headers: {} };

/** Copies a request: the core authenticates one object once, and a copy again. */
export function copyOf({ headers, rawHeaders, method }: RequestLike = NO_REQUEST): RequestLike {
  return { headers, rawHeaders, method };
}

/** Whether a step returned an adapter of contexts. */
export function isAdapter(value: unknown): value is ContextAdapter {
  return typeof value === 'object' && value !== null && typeof (value as ContextAdapter).read === 'function';
}

/** Whether a step returned a request that credentials can be read from. */
export function isRequest(value: unknown): value is RequestLike {
  if (typeof value !== 'object' || value === null) return false;
  const { headers } = value as { readonly headers?: unknown };
  return typeof headers === 'object' && headers !== null;
}

/** Whether a step returned an object that Nest can answer with. */
export function isThrowable(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** Drops a value that may be a promise: one that is rejected and not handled would end the process. */
export function drop(value: unknown): void {
  Promise.resolve(value).catch(() => {});
}
