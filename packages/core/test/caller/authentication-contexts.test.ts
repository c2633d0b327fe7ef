import { describe, expect, it } from 'vitest';
import { user } from '../callers.js';

describe('the authentication contexts that a sign-in satisfied (acrs)', () => {
  it.each<[string, readonly string[] | undefined, readonly string[]]>([
    ['none', undefined, []],
    ['an empty list', [], []],
    ['some, in any case', ['c1', 'C25'], ['c1', 'c25']],
  ])('%s', (_, acrs, expected) => {
    expect([...user({ acrs }).authenticationContexts]).toEqual(expected);
  });
});
