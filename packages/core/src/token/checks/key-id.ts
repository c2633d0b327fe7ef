import { type Refusal, shown } from '../../base/refusal.js';
import type { Look } from './look.js';

const MAX_LENGTH = 256;

/**
 * Refuses a token without a key ID. Entra puts one into every token; without it, every key of the set would have to be
 * tried.
 */
export function checkKeyId({ header: { kid } }: Look): Refusal | undefined {
  if (typeof kid === 'string' && kid.length > 0 && kid.length <= MAX_LENGTH) return undefined;
  return {
    code: 'token_malformed',
    subject: 'key ID (kid)',
    found: shown(kid),
    expected: 'the ID of a signing key',
    hint: 'Entra names the signing key in every access token: this token does not come from Entra.',
  };
}
