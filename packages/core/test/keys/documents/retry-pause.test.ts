import { afterEach, describe, expect, it, vi } from 'vitest';
import { NOW } from '../../../../../test/support/forger.js';
import { RetryPause } from '../../../src/keys/documents/retry-pause.js';

afterEach(() => {
  vi.restoreAllMocks();
});

/** The pause after each of so many failures, one right after the other. */
function pauses(count: number, random: number): number[] {
  vi.spyOn(Math, 'random').mockReturnValue(random);
  const pause = new RetryPause();
  return Array.from({ length: count }, () => pause.failed(NOW, 0) - NOW);
}

describe('the pause after failures', () => {
  it('doubles up to half a minute', () => {
    expect(pauses(8, 1)).toEqual([1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
  });

  it('is up to a quarter shorter, so that not all processes come at once', () => {
    expect(pauses(6, 0)).toEqual([750, 1500, 3000, 6000, 12_000, 22_500]);
    expect(pauses(1, 0.5)).toEqual([875]);
  });

  it.each([
    [0, 1000],
    [1, 1000],
    [2, 2000],
    [300, 300_000],
    [301, 300_000],
  ])(
    'is what the other side asked for, if that is longer, and at most five minutes: %d s',
    (asked, pause) => {
      vi.spyOn(Math, 'random').mockReturnValue(1);
      expect(new RetryPause().failed(NOW, asked)).toBe(NOW + pause);
    },
  );

  it('holds until its end, and not if the clock was set back behind the failure', () => {
    const pause = new RetryPause();
    expect(pause.holds(NOW)).toBe(false);
    const until = pause.failed(NOW, 60);
    expect(until).toBe(NOW + 60_000);
    expect(pause.until).toBe(until);
    expect([NOW - 1, NOW, until - 1, until].map((at) => pause.holds(at))).toEqual([false, true, true, false]);
  });

  it('is over with a success, and begins small again', () => {
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const pause = new RetryPause();
    pause.failed(NOW, 0);
    pause.failed(NOW, 0);
    expect(pause.failures).toBe(2);
    pause.succeeded();
    expect([pause.failures, pause.until, pause.holds(NOW)]).toEqual([0, undefined, false]);
    expect(pause.failed(NOW, 0)).toBe(NOW + 1000);
  });
});
