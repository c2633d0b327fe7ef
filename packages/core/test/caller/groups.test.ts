import { describe, expect, it } from 'vitest';
import type { Json } from '../../../../test/support/forger.js';
import { user } from '../callers.js';

describe('the groups of a user (Entra: groups overage claim)', () => {
  it.each<[string, Json, readonly string[] | 'overage']>([
    ['in the token', { groups: ['g1', 'g2'] }, ['g1', 'g2']],
    ['none', {}, []],
    ['an empty list', { groups: [] }, []],
    [
      'too many, with a pointer to Graph',
      { _claim_names: { groups: 'src1' }, _claim_sources: {} },
      'overage',
    ],
    ['too many, in an implicit flow', { hasgroups: true }, 'overage'],
    ['too many, in words', { hasgroups: 'true' }, 'overage'],
    ['not too many', { hasgroups: false }, []],
    ['a pointer for something else', { _claim_names: { roles: 'src1' } }, []],
    ['a pointer that is null', { _claim_names: null }, []],
    ['a pointer that is text', { _claim_names: 'groups' }, []],
    ['a list and a pointer', { groups: ['g1'], _claim_names: { groups: 'src1' } }, ['g1']],
  ])('%s', (_, claims, expected) => {
    const { groups } = user(claims);
    expect(groups === 'overage' ? groups : [...groups]).toEqual(expected);
  });
});
