import { KeysUnavailableError } from '../base/errors.js';
import { shown } from '../base/refusal.js';

/**
 * The time that the option `now` gives. A broken clock says nothing about a token, and no comparison with it may let one pass.
 *
 * @throws KeysUnavailableError `hook_failed` for anything but a finite number
 */
export function soundTime(now: number): number {
  if (Number.isFinite(now)) return now;
  throw new KeysUnavailableError({
    code: 'hook_failed',
    message: `The option now gave ${shown(now)} instead of a time.`,
    hint: 'It has to give milliseconds since the epoch, as Date.now does.',
    retryAfter: 5,
  });
}
