import type { Refusal } from '../../base/refusal.js';
import type { Look } from './look.js';

/** Refuses a token that is bound to a key (RFC 7800), because the binding can't be checked here. */
export function checkKeyBinding({ claims }: Look): Refusal | undefined {
  if (!Object.hasOwn(claims, 'cnf')) return undefined;
  return {
    code: 'key_bound_token',
    subject: 'key binding (cnf)',
    found: 'a token bound to a key',
    expected: 'a bearer token',
    hint: 'The client asked for a proof-of-possession token. Accepting it without its proof would be a downgrade. The client has to ask for a bearer token.',
  };
}
