import { readFileSync } from 'node:fs';
import { ConfigurationError } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import { type RedisRevocationOptions, redisRevocations } from '../../src/index.js';
import { LongestToken } from '../../src/revocations/longest-token.js';
import type { WhenStale } from '../../src/revocations/options.js';
import { Staleness } from '../../src/revocations/staleness.js';
import { WRITER } from '../../src/revocations/writer.js';

describe('options of redisRevocations', () => {
  it.each<[string, unknown, string]>([
    ['none', undefined, 'whenStale is missing, and there is no default. Choose what happens'],
    ['no choice', {}, "whenStale: 'accept' lets in callers whom another process may have revoked"],
    ['another choice', { whenStale: 'ignore' }, "whenStale is 'ignore'"],
    ['an unknown option', { whenStale: 'refuse', maxStale: 5 }, "called 'maxStale'. Known: longestToken"],
    ['a short staleness', { whenStale: 'refuse', maxStaleness: 1 }, 'maxStaleness is 1, which is too short'],
    ['milliseconds', { whenStale: 'refuse', maxStaleness: 300_000 }, "Did you mean '5m'?"],
    ['a prefix with a pattern', { whenStale: 'refuse', prefix: 'a*' }, "prefix is 'a*'"],
    ['a log that is not a function', { whenStale: 'refuse', log: true }, 'log is of type boolean'],
    ['too few entries', { whenStale: 'refuse', maxEntries: 0 }, 'maxEntries is 0'],
  ])('are refused: %s', (_, options, sentence) => {
    const make = () => redisRevocations({} as never, options as RedisRevocationOptions);
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(sentence);
  });
});

describe('while records are stale', () => {
  it.each<[string, () => unknown, boolean]>([
    ["'refuse'", () => 'refuse', true],
    ["'accept'", () => 'accept', false],
    ['anything else', () => true, true],
    [
      'an error',
      () => {
        throw new Error('no flag');
      },
      true,
    ],
  ])('a function that gives %s decides', (_, whenStale, refuses) => {
    const staleness = new Staleness(whenStale as () => WhenStale);
    expect(staleness.refuses).toBe(refuses);
    staleness.update(false);
    expect(staleness.refuses).toBe(false);
  });

  it('a function is asked at most once a second', () => {
    let asked = 0;
    const staleness = new Staleness(() => {
      asked++;
      return 'refuse';
    });
    for (let time = 0; time < 1000; time++) staleness.update(true);
    expect(asked).toBeLessThan(3);
  });
});

describe('the longest life of a token', () => {
  it('is the largest that any process was started with', () => {
    const longest = new LongestToken(3600);
    expect([longest.value, longest.isAnnounced]).toEqual([3600, false]);
    expect([longest.announce('a', 60), longest.isAnnounced]).toEqual([false, false]);
    expect([longest.announce('b', 7200), longest.value, longest.isAnnounced]).toEqual([true, 7200, true]);
    longest.withdraw('b');
    expect(longest.value).toBe(3600);
  });
});

it('entries name the release that wrote them', () => {
  const { name, version } = JSON.parse(
    readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
  ) as {
    readonly name: string;
    readonly version: string;
  };
  expect(`${name} ${version}`.startsWith(WRITER)).toBe(true);
});
