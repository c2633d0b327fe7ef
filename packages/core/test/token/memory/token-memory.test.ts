import { createHash } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { sha256, sha256With } from '../../../src/token/memory/digest.js';
import { type MemoryLimits, type Remembered, TokenMemory } from '../../../src/token/memory/token-memory.js';
import { MAX_TOKEN_LENGTH } from '../../../src/token/signature/token-bytes.js';

vi.mock(import('../../../src/token/memory/digest.js'), async (original) => {
  const digest = await original();
  return { ...digest, sha256: vi.fn(digest.sha256) };
});

interface Named extends Remembered {
  readonly name: string;
}

const NOW = 1_790_000_000_000;
const ROOMY: MemoryLimits = { maxEntries: 100, maxBytes: 1_000_000 };

/** A text that ends like no other, as signatures do. */
const token = (name: string): string => `head.claims of ${name}.signature ${name.padStart(12, '-')}`;

function memory(limits: Partial<MemoryLimits> = {}) {
  const tokens = new TokenMemory<Named>({ ...ROOMY, ...limits });
  const come = (name: string, { bytes = 100, until = NOW + 1000, now = NOW } = {}): void => {
    if (tokens.wants(token(name), false)) tokens.remember(token(name), { name, bytes, until }, now);
  };
  return {
    tokens,
    come,
    /** Comes twice, and so is remembered. */
    settle: (name: string, facts: Parameters<typeof come>[1] = {}): void => {
      come(name, facts);
      come(name, facts);
    },
    kept: (...names: string[]): string[] => names.filter((name) => tokens.recall(token(name))?.name === name),
  };
}

describe('which tokens are remembered', () => {
  it('one that comes for the second time; of one that comes once nothing but its mark is noted', () => {
    const { tokens, come, kept } = memory();
    come('a');
    expect(kept('a')).toEqual([]);
    expect(tokens.size).toBe(0);
    come('a');
    expect(kept('a')).toEqual(['a']);
    expect(tokens.size).toBe(1);
  });

  it('one that was remembered a moment ago, however long ago it came', () => {
    const { tokens, kept } = memory();
    const value = { name: 'a', bytes: 1, until: NOW + 1 };
    expect(tokens.wants(token('a'), true)).toBe(true);
    tokens.remember(token('a'), value, NOW);
    expect(kept('a')).toEqual(['a']);
  });

  it('callers with a new token for each request displace none that is used again', () => {
    const { tokens, come, settle, kept } = memory({ maxEntries: 3 });
    settle('ada');
    for (let request = 0; request < 1000; request++) come(`of a daemon, ${request}`);
    expect(kept('ada')).toEqual(['ada']);
    expect(tokens.size).toBe(1);
  });

  it('of two times that are too far apart, the first is forgotten', () => {
    const { come, kept } = memory({ maxEntries: 3 });
    come('soon');
    come('late');
    come('soon');
    for (let request = 0; request < 1000; request++) come(`meanwhile ${request}`);
    come('late');
    expect(kept('soon', 'late')).toEqual(['soon']);
  });

  it('as many callers in turn as there may be entries are nearly all remembered', () => {
    const { tokens, come } = memory({ maxEntries: 100 });
    const callers = Array.from({ length: 100 }, (_, index) => `caller ${index}`);
    for (const name of [...callers, ...callers]) come(name);
    expect(tokens.size).toBeGreaterThan(90);
  });
});

describe('whose a remembered token is', () => {
  it('only the very same text finds it, whatever it ends with', () => {
    const { tokens, settle } = memory();
    settle('a');
    const end = token('a').slice(-12);
    for (const other of [
      end,
      `x${token('a')}`,
      token('a').toUpperCase(),
      `head.claims of b.signature ${end}`,
    ]) {
      expect(other.endsWith(end) || other === token('a').toUpperCase()).toBe(true);
      expect(tokens.recall(other)).toBeUndefined();
      tokens.forget(other);
    }
    expect(tokens.recall(token('a'))).toMatchObject({ name: 'a' });
  });

  it('what is too long for a token, or is none, is not even hashed', () => {
    const { tokens, settle } = memory();
    settle('a');
    vi.mocked(sha256).mockClear();
    expect(tokens.recall(token('a').padStart(MAX_TOKEN_LENGTH + 1, 'x'))).toBeUndefined();
    expect(tokens.recall(undefined as never)).toBeUndefined();
    expect(sha256).not.toHaveBeenCalled();
  });

  it('the longest token there may be is remembered like any other', () => {
    const { tokens } = memory();
    const longest = token('a').padStart(MAX_TOKEN_LENGTH, 'x');
    tokens.remember(longest, { name: 'a', bytes: 1, until: NOW + 1 }, NOW);
    expect(tokens.recall(longest)).toMatchObject({ name: 'a' });
  });

  it('two tokens that end alike take turns', () => {
    const { tokens } = memory();
    const value = (name: string): Named => ({ name, bytes: 10, until: NOW + 1 });
    const [first, second] = ['first.ends-with-this', 'second.ends-with-this'];
    tokens.remember(first, value('first'), NOW);
    tokens.remember(second, value('second'), NOW);
    expect(tokens.recall(first)).toBeUndefined();
    expect(tokens.recall(second)).toMatchObject({ name: 'second' });
    expect([tokens.size, tokens.bytes]).toEqual([1, 10]);
  });
});

describe('bounds', () => {
  it('by count: the least recently used leaves first', () => {
    const { tokens, settle, kept } = memory({ maxEntries: 3 });
    for (const name of ['a', 'b', 'c']) settle(name);
    expect(kept('b', 'a')).toEqual(['b', 'a']);
    settle('d');
    expect(kept('a', 'b', 'c', 'd')).toEqual(['a', 'b', 'd']);
    settle('e');
    expect(kept('a', 'b', 'c', 'd', 'e')).toEqual(['b', 'd', 'e']);
    expect(tokens.size).toBe(3);
  });

  it('by bytes: as many leave as take the room that is needed', () => {
    const { tokens, settle, kept } = memory({ maxBytes: 1000 });
    settle('a', { bytes: 400 });
    settle('b', { bytes: 400 });
    settle('c', { bytes: 200 });
    expect([kept('a', 'b', 'c').length, tokens.bytes]).toEqual([3, 1000]);
    settle('d', { bytes: 700 });
    expect(kept('a', 'b', 'c', 'd')).toEqual(['c', 'd']);
    expect(tokens.bytes).toBe(900);
  });

  it('one token that takes more than all of it is not remembered, and displaces nothing', () => {
    const { tokens, settle, kept } = memory({ maxBytes: 1000 });
    settle('a');
    settle('huge', { bytes: 1001 });
    expect(kept('a', 'huge')).toEqual(['a']);
    expect(tokens.bytes).toBe(100);
  });

  it('one token that takes exactly all of it is remembered', () => {
    const { settle, kept } = memory({ maxBytes: 1000 });
    settle('large', { bytes: 1000 });
    expect(kept('large')).toEqual(['large']);
  });

  it('those that expired leave when others come, though there is room', () => {
    const { tokens, settle, kept } = memory();
    settle('a', { until: NOW + 10 });
    settle('b', { until: NOW + 20 });
    settle('c', { until: NOW + 30 });
    settle('d', { now: NOW + 20, until: NOW + 1000 });
    expect(kept('a', 'b', 'c', 'd')).toEqual(['c', 'd']);
    expect(tokens.bytes).toBe(200);
  });

  it('the same token again takes no room twice', () => {
    const { tokens, settle, come } = memory();
    settle('a');
    come('a', { bytes: 150 });
    expect([tokens.size, tokens.bytes]).toEqual([1, 150]);
  });
});

describe('forgetting', () => {
  it.each([
    ['the newest', 'c', ['a', 'b']],
    ['the oldest', 'a', ['b', 'c']],
    ['one between', 'b', ['a', 'c']],
  ])('%s, and the order of the others stays', (_, gone, left) => {
    const { tokens, settle, kept } = memory({ maxEntries: 3 });
    for (const name of ['a', 'b', 'c']) settle(name);
    tokens.forget(token(gone));
    tokens.forget(token(gone));
    expect([tokens.size, tokens.bytes]).toEqual([2, 200]);
    settle('d');
    settle('e');
    expect(kept('a', 'b', 'c', 'd', 'e')).toEqual([left[1], 'd', 'e']);
  });

  it('all of it, marks included', () => {
    const { tokens, settle, come, kept } = memory();
    settle('a');
    come('once');
    tokens.clear();
    come('once');
    come('a');
    expect(kept('a', 'once')).toEqual([]);
    expect([tokens.size, tokens.bytes]).toEqual([0, 0]);
    settle('b');
    expect(kept('b')).toEqual(['b']);
  });
});

it('the digest is SHA-256 of the whole text, with and without the one-shot function of newer Nodes', () => {
  const expected = createHash('sha256').update('häder.claims.signature').digest('hex');
  for (const digest of [sha256, sha256With(undefined)]) {
    expect(Buffer.from(digest('häder.claims.signature'), 'binary').toString('hex')).toBe(expected);
  }
});
