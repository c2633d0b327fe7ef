import { type Refusal, shown } from '../../base/refusal.js';
import type { Look } from './look.js';

/** Refuses a token with `crit`, whose extensions must be understood (RFC 7515 section 4.1.11). Entra does not use it. */
export function checkCritical({ header }: Look): Refusal | undefined {
  if (!Object.hasOwn(header, 'crit')) return undefined;
  return {
    code: 'token_malformed',
    subject: 'critical header parameters (crit)',
    found: shown(header.crit),
    expected: 'none',
    hint: 'The token requires an extension that is not supported. Entra issues no such tokens.',
  };
}
