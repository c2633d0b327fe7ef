import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import { AuthContext } from '../caller/auth-context.js';
import { refuseProduction } from './production.js';

/** Who calls; `null` or `undefined` for a request without a caller; or a function that is called for each request. */
export type StandInCaller = AuthContext | null | undefined | (() => AuthContext | null | undefined);

/**
 * Reads a stand-in's caller, for adapters. Returns a function that gives the caller of the current request.
 *
 * @param what the name of the stand-in in errors, such as `standInGuard(...)`
 * @throws ConfigurationError in production, and for anything but a caller; the returned function throws it, too
 */
export function standInCaller(what: string, caller: StandInCaller): () => AuthContext | undefined {
  refuseProduction(what);
  const given = typeof caller === 'function' ? caller : () => caller;
  if (typeof caller !== 'function') assertCaller(what, caller);
  return () => {
    // Checked again, because settings are often read after the code that uses them was imported.
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
    "Pass testAuth({ kind: 'user', scopes: ['Orders.Read'] }), null for no caller, or a function that returns one of them without a promise.",
  );
}
