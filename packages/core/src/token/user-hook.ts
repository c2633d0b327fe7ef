import { KeysUnavailableError } from '../base/errors.js';
import { printableOptions } from '../base/printable.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { CommonValidatorOptions } from '../options/options.js';

const LIMIT = 2000;

/**
 * Asks a function of the application's own, for at most two seconds.
 *
 * @throws KeysUnavailableError `hook_failed` when it throws or takes too long: nothing was decided
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
 * Asks whether a token was revoked. What is neither `true` nor `false` is no answer: the caller is not told to sign in again for
 * a mistake of the API's.
 *
 * @throws KeysUnavailableError `hook_failed` when it throws, takes too long, or gives anything else
 */
export async function askIfRevoked(
  isRevoked: NonNullable<CommonValidatorOptions['isRevoked']>,
  auth: AuthContext,
): Promise<boolean> {
  const answer: unknown = await askHook('isRevoked', () => isRevoked(auth));
  if (answer === true || answer === false) return answer;
  throw new KeysUnavailableError({
    code: 'hook_failed',
    message: `The option isRevoked gave ${answer === '' ? 'an empty string' : printableOptions(answer)} instead of true or false.`,
    hint: 'No caller is let in by it. Does each way through the function return, and is what it looks up turned into true or false?',
    retryAfter: 5,
  });
}

/** A function of the application's own has decided nothing. */
export function hookFailed(name: string, cause: unknown, retryAfter = 5): KeysUnavailableError {
  return new KeysUnavailableError({
    code: 'hook_failed',
    message: `The option ${name} threw, or took longer than ${LIMIT} ms.`,
    hint: `Nobody is let in while ${name} can't answer. See the cause.`,
    retryAfter,
    cause,
  });
}
