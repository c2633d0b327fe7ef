/** The methods that a policy knows. All others are refused: `TRACE` and `CONNECT` too (RFC 9110 section 9.3). */
export const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

/** A method that a policy knows, in the only spelling that is accepted. */
export type Method = (typeof METHODS)[number];

/** What a rule may name: a method, or `any` for all that a policy knows. */
export type RuleMethod = Method | 'any';

/** The methods that a rule decides about, in the order of {@link METHODS}. Where `GET` is named, `HEAD` is too. */
export function methodsOf(named: readonly RuleMethod[]): readonly Method[] {
  const decided = (method: Method): boolean =>
    named.includes('any') || named.includes(method) || (method === 'HEAD' && named.includes('GET'));
  return Object.freeze(METHODS.filter(decided));
}
