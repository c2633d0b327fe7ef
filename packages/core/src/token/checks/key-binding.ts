import type { Refusal } from '../../base/refusal.js';
import type { Look } from './look.js';

/** A token that is bound to a key is not accepted as a bearer token while the binding is not checked (RFC 7800). */
export function checkKeyBinding({ claims }: Look): Refusal | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return undefined;
  return {
    code: 'key_bound_token',
    subject: 'key binding (cnf)',
    found: 'a token bound to a key',
    expected: 'a bearer token',
    hint: 'The client asked for a proof-of-possession token. Accepting it without its proof would be a downgrade: it has to ask for a bearer token.',
  };
}
