import type { ValidatorOptions } from '@entra-guard/core';
import { type Dispatcher, fetch as undiciFetch } from 'undici';

// begin
/** Sends what entra-guard fetches through an undici dispatcher, such as a ProxyAgent. */
export function fetchThrough(dispatcher: Dispatcher): NonNullable<ValidatorOptions['fetch']> {
  const through = (url: string, init?: object) => undiciFetch(url, { ...init, dispatcher });
  // TypeScript treats undici's types of fetch and those of @types/node as different. At run time they are equal.
  return through as unknown as typeof fetch;
}
// end
