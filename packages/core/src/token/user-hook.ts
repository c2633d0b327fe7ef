import { KeysUnavailableError } from '../errors.js';

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
    throw new KeysUnavailableError({
      code: 'hook_failed',
      message: `The option ${name} threw, or took longer than ${LIMIT} ms.`,
      hint: `Nobody is let in while ${name} can't answer. See the cause.`,
      retryAfter: 5,
      cause,
    });
  } finally {
    clearTimeout(timer);
  }
}
