import type { Authority } from '../issuers.js';

/** Whether an `Origin` is that of this local Entra's own pages, by either name of this machine. */
export function isOwnOrigin(origin: string | null, { origin: own }: Authority): boolean {
  return origin === own || origin === own.replace('//localhost', '//127.0.0.1');
}
