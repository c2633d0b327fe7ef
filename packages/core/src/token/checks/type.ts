import { type Refusal, shown } from '../../base/refusal.js';
import type { Look } from './look.js';

const TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);

/** The types in words. */
export const EXPECTED_TYPES = '"JWT" or "at+jwt"';

/** Refuses other types of tokens. `typ` is `JWT` in every Entra access token, and `at+jwt` in RFC 9068 section 2.1. */
export function checkType({ header: { typ } }: Look): Refusal | undefined {
  if (typeof typ === 'string' && TYPES.has(typ.toLowerCase())) return undefined;
  return {
    code: 'token_malformed',
    subject: 'type (typ)',
    found: shown(typ),
    expected: EXPECTED_TYPES,
    hint: 'This is another kind of token. Send the access token.',
  };
}
