import type { AuthContext } from '../caller/auth-context.js';
import type { CheckContext } from './kinds/check.js';

/**
 * Makes what an application's function is told of a request.
 *
 * @param what the function's name in errors, such as `loadUser`
 * @param resolve finds a provider, in hosts that have them
 */
export function checkContext(
  what: string,
  auth: AuthContext,
  request: unknown,
  resolve: ((token: unknown) => Promise<unknown>) | undefined,
): CheckContext {
  return {
    auth,
    request,
    resolve: <T>(token: unknown) =>
      resolve
        ? (resolve(token) as Promise<T>)
        : Promise.reject(new Error(`${what} asked for a provider, and this host has none.`)),
  };
}
