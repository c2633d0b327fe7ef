import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { AuthContext } from '../caller/auth-context.js';
import { refuseProduction } from './production.js';

/** Who calls; nobody, where it is `null` or `undefined`; or a function that is asked at each request. */
export type StandInCaller = AuthContext | null | undefined | (() => AuthContext | null | undefined);

/**
 * Reads what a stand-in was given, for adapters: gives a function to ask for the caller of the request at hand.
 *
 * @param what the name of the stand-in, for errors: `standInGuard(...)`
 * @throws ConfigurationError in production, and for what is no caller; the function that it gives does, too
 */
export function standInCaller(what: string, caller: StandInCaller): () => AuthContext | undefined {
  refuseProduction(what);
  const given = typeof caller === 'function' ? caller : () => caller;
  if (typeof caller !== 'function') assertCaller(what, caller);
  return () => {
    // Again: settings are often read after what uses them was imported.
    refuseProduction(what);
    const auth = given() ?? undefined;
    assertCaller(what, auth);
    return auth;
  };
}

function assertCaller(what: string, value: unknown): asserts value is AuthContext | null | undefined {
  if (value === null || value === undefined || AuthContext.is(value)) return;
  throw new ConfigurationError(
    `${what} was given ${printable(value)} instead of a caller.`,
    "Pass testAuth({ kind: 'user', scopes: ['Orders.Read'] }), null for nobody, or a function that gives one of them at once.",
  );
}
