import { type Part, UnavailableError } from '../base/errors.js';
import { printableOptions } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { CommonValidatorOptions } from '../options/options.js';

const LIMIT = 2000;

/**
 * Calls one of the application's functions, and waits at most two seconds for its answer.
 *
 * @throws UnavailableError `hook_failed` if it throws or takes too long (as a rejection)
 */
export async function askHook<T>(name: string, ask: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LIMIT} ms`)), LIMIT);
  });
  try {
    return await Promise.race([Promise.resolve().then(ask), late]);
  } catch (cause) {
    throw hookFailed(name, cause);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Calls `isRevoked`. Takes anything but `true` or `false` for a failure of the API, so that its caller is not asked to
 * sign in again.
 *
 * @throws UnavailableError `hook_failed` if it throws, takes too long, or returns anything else (as a rejection)
 */
export async function askIfRevoked(
  isRevoked: NonNullable<CommonValidatorOptions['isRevoked']>,
  auth: AuthContext,
): Promise<boolean> {
  const answer: unknown = await askHook('isRevoked', () => isRevoked(auth));
  if (answer === true || answer === false) return answer;
  throw new UnavailableError({
    part: 'hook',
    message: `The option isRevoked gave ${answer === '' ? 'an empty string' : printableOptions(answer)} instead of true or false.`,
    hint: 'No caller is let in meanwhile. Check that every path of the function returns true or false.',
    retryAfter: 5,
  });
}

/** Returns the error for an application's function that failed. */
export function hookFailed(
  name: string,
  cause: unknown,
  retryAfter = 5,
  part: Part = 'hook',
): UnavailableError {
  return new UnavailableError({
    part,
    message: `The option ${name} threw, or took longer than ${LIMIT} ms.`,
    hint: `No caller is let in while ${name} fails. See the cause.`,
    retryAfter,
    cause,
  });
}
