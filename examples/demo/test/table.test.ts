import { describe, expect, it } from 'vitest';
import { table, wrapped } from '../src/table.js';

describe('table', () => {
  it('aligns columns and wraps the last one within its column', () => {
    const rows = [
      ['ada', '200', 'Allowed'],
      ['nightly-job', '403', 'Needs scope Orders.Write and role Orders.Approver.'],
    ];
    expect(table(['who', 'status', 'reason'], rows, 48).split('\n')).toEqual([
      'who          status  reason',
      'ada          200     Allowed',
      'nightly-job  403     Needs scope Orders.Write',
      '                     and role Orders.Approver.',
    ]);
  });

  it('never breaks a word, even if it is wider than the column', () => {
    expect(wrapped('a considerable word', 5)).toEqual(['a', 'considerable', 'word']);
  });
});
