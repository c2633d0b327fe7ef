import type { IssuedToken, LocalEntra } from '@entra-guard/testing';

/** The handlers that every context has. */
export type Operation = 'open' | 'read' | 'undeclared' | 'write' | 'maybe';

/** What a caller got: what the handler gave, or the code of the refusal. */
export type Outcome = { readonly gave: string } | { readonly code: string };

/** One row: who calls what, and what comes of it, in whatever context. */
export interface ContextRow {
  readonly name: string;
  readonly operation: Operation;
  readonly token: (entra: LocalEntra) => IssuedToken | undefined;
  readonly outcome: Outcome;
}

const nobody = () => undefined;
const ada = (scp: string) => (entra: LocalEntra) => entra.user('ada', { scp });

/** Every context answers each of them alike. */
export const contextRows: readonly ContextRow[] = [
  row('no token', 'read', nobody, { code: 'credentials_missing' }),
  row('an expired token', 'read', (entra) => entra.wrong.expired(), { code: 'token_expired' }),
  row('a token of a stranger', 'read', (entra) => entra.wrong.stranger(), { code: 'signature_invalid' }),
  row('a token for another API', 'read', (entra) => entra.wrong.audience(), {
    code: 'audience_not_accepted',
  }),
  row('the wrong scope', 'read', ada('Other'), { code: 'scope_missing' }),
  row('the right scope', 'read', ada('Read'), { gave: 'user' }),
  row('a public handler, no token', 'open', nobody, { gave: 'nobody' }),
  row('a public handler, a token', 'open', ada('Read'), { gave: 'nobody' }),
  row('an undeclared handler, no token', 'undeclared', nobody, { code: 'no_requirement' }),
  row('an undeclared handler, a good token', 'undeclared', ada('Read Write'), { code: 'no_requirement' }),
  row('class and method, only what the method requires', 'write', ada('Write'), { code: 'scope_missing' }),
  row('class and method, only what the class requires', 'write', ada('Read'), { code: 'scope_missing' }),
  row('class and method, both', 'write', ada('Read Write'), { gave: 'user' }),
  row('an optional token, none', 'maybe', nobody, { gave: 'nobody' }),
  row('an optional token, a good one', 'maybe', ada('Other'), { gave: 'user' }),
  row('an optional token, an expired one', 'maybe', (entra) => entra.wrong.expired(), {
    code: 'token_expired',
  }),
];

function row(name: string, operation: Operation, token: ContextRow['token'], outcome: Outcome): ContextRow {
  return { name, operation, token, outcome };
}
