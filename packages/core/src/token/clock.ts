import { UnavailableError } from '../base/errors.js';
import { shown } from '../base/refusal.js';

/**
 * Returns the time from the option `now`, if it is valid. With a broken clock a token can't be judged, and no
 * comparison with it may accept one.
 *
 * @throws UnavailableError `hook_failed` for anything but a finite number
 */
export function soundTime(now: number): number {
  if (Number.isFinite(now)) return now;
  throw new UnavailableError({
    part: 'hook',
    message: `The option now gave ${shown(now)} instead of a time.`,
    hint: 'It has to give milliseconds since the epoch, as Date.now does.',
    retryAfter: 5,
  });
}
