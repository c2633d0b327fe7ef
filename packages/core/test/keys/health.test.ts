import { describe, expect, it } from 'vitest';
import { NOW } from '../../../../test/support/forger.js';
import type { Health } from '../../src/base/health.js';
import type { KeySourceState } from '../../src/keys/documents/validator-state.js';
import { healthOf } from '../../src/keys/health.js';

const DOWN = "Signing keys can't be read, and none are loaded.";
const UP = 'Signing keys are loaded and fresh.';
const SOME = "Some signing keys can't be read.";
const until = (time: number): string =>
  `Keys can't be refreshed; the loaded ones are trusted until ${new Date(time).toISOString()}.`;

/** A document that was read a moment ago and is trusted for a minute. */
const source = (changes: Partial<KeySourceState> = {}): KeySourceState => ({
  url: 'https://login.microsoftonline.com/keys',
  document: 'keys',
  fetchedAt: NOW,
  trustedUntil: NOW + 60_000,
  lastError: undefined,
  retryAt: undefined,
  stale: false,
  ...changes,
});
const failing = (changes: Partial<KeySourceState> = {}): KeySourceState =>
  source({ lastError: 'status 503', stale: true, ...changes });
const expired = { trustedUntil: NOW };

describe('whether tokens can be judged', () => {
  it.each<[string, KeySourceState[], boolean, Health['status'], string]>([
    ['nothing failed, and there are no keys all the same', [], true, 'down', DOWN],
    ['there is metadata and no key', [source({ document: 'metadata' })], true, 'down', DOWN],
    ['there are keys without metadata', [source()], true, 'up', UP],
    ['keys have expired', [failing(expired)], true, 'down', DOWN],
    [
      'keys were never read',
      [failing({ fetchedAt: undefined, trustedUntil: undefined })],
      true,
      'down',
      DOWN,
    ],
    ['keys are old, and no attempt was made to read them again', [source({ stale: true })], true, 'up', UP],
    ['a look failed while keys are fresh', [source({ lastError: 'status 503' })], true, 'up', UP],
    ['not all that is needed could be read', [source()], false, 'degraded', SOME],
    ['keys can not be refreshed', [failing()], true, 'degraded', until(NOW + 60_000)],
    [
      'several can not be refreshed: the first end counts',
      [failing({ trustedUntil: NOW + 2000 }), failing({ trustedUntil: NOW + 1000 }), failing()],
      true,
      'degraded',
      until(NOW + 1000),
    ],
    [
      'some have expired, others not yet',
      [failing(expired), failing()],
      true,
      'degraded',
      `${SOME} ${until(NOW + 60_000)}`,
    ],
    ['some have expired, others are fresh', [failing(expired), source()], true, 'degraded', SOME],
  ])('%s', (_, sources, loaded, status, message) => {
    const state = { sources, keyIds: [], closed: false };
    expect(healthOf(state, NOW, loaded)).toMatchObject({ status, message });
  });

  it('a closed validator judges none', () => {
    const state = { sources: [source()], keyIds: [], closed: true };
    expect(healthOf(state, NOW, true)).toMatchObject({
      status: 'down',
      message: 'The validator was closed.',
    });
  });

  it.each<[string, KeySourceState, Record<string, unknown>]>([
    ['fresh', source(), { status: 'up', message: 'It is loaded and fresh.', ageMs: 0 }],
    [
      'not refreshed',
      failing({ fetchedAt: NOW - 5000 }),
      {
        status: 'degraded',
        message: `It can't be refreshed; the copy is trusted until ${new Date(NOW + 60_000).toISOString()}.`,
        ageMs: 5000,
        lastError: 'status 503',
      },
    ],
    [
      'expired',
      failing(expired),
      {
        status: 'down',
        message: "It can't be read, and no copy of it is trusted.",
        ageMs: 0,
        lastError: 'status 503',
      },
    ],
    [
      'never read',
      source({ fetchedAt: undefined, trustedUntil: undefined }),
      { status: 'down', message: "It can't be read, and no copy of it is trusted." },
    ],
  ])('each document is a part: %s', (_, one, part) => {
    const { parts } = healthOf({ sources: [one], keyIds: [], closed: false }, NOW, true);
    expect(parts).toEqual([{ part: 'keys', name: one.url, ...part }]);
  });

  it('and is down once the validator was closed', () => {
    const { parts } = healthOf({ sources: [source()], keyIds: [], closed: true }, NOW, true);
    expect(parts).toMatchObject([{ status: 'down', message: 'The validator was closed.' }]);
  });
});
