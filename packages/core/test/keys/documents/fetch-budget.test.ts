import { beforeEach, describe, expect, it } from 'vitest';
import { NOW } from '../../../../../test/support/forger.js';
import { budgetOf, FetchBudget, type Spending } from '../../../src/keys/documents/fetch-budget.js';

let budget: FetchBudget;
beforeEach(() => {
  budget = new FetchBudget();
});

const spend = (what: Spending, after = 0): number => budget.spend(what, NOW + after, undefined);
/** How many may be made at once. */
function burst(what: Spending, after = 0): number {
  let count = 0;
  while (count < 20_000 && spend(what, after) === 0) count++;
  return count;
}

describe('what junk can make a process fetch', () => {
  it.each<[Spending, number, number]>([
    ['load', 10_000, 100],
    ['look', 60, 2000],
  ])('%s: so many at once, then one after a while', (what, capacity, interval) => {
    expect(burst(what)).toBe(capacity);
    expect(spend(what)).toBe(interval / 1000);
    expect(spend(what, interval / 2)).toBeCloseTo(interval / 2000);
    expect(spend(what, interval)).toBe(0);
    expect(spend(what, interval)).toBe(interval / 1000);
    expect(burst(what, interval * 6)).toBe(5);
  });

  it('what was not spent for junk is given back, where more than half has been spent', () => {
    for (let count = 0; count < 5001; count++) {
      expect(spend('load')).toBe(0);
      if (count < 5000) budget.giveBack('load');
    }
    for (let count = 0; count < 3; count++) budget.giveBack('load');
    expect(burst('load')).toBe(5000);
  });

  it('how long it takes can be asked without spending anything', () => {
    expect([budget.wait('look', NOW), budget.wait('look', NOW)]).toEqual([0, 0]);
    expect(burst('look')).toBe(60);
    expect([budget.wait('look', NOW), budget.wait('look', NOW)]).toEqual([2, 2]);
  });

  it('saves up no more than that, however long no request came', () => {
    expect(spend('look')).toBe(0);
    expect(burst('look', 86_400_000)).toBe(60);
  });

  it('looks are not paid for by first readings, nor the reverse', () => {
    burst('look');
    expect(spend('load')).toBe(0);
  });

  it('gains nothing by a clock that is set back, until it has moved on', () => {
    burst('look');
    expect(spend('look', -60_000)).toBe(2);
    expect(spend('look', -58_000)).toBe(0);
    expect(spend('look', -58_000)).toBe(2);
  });
});

describe('a document that a good token has needed', () => {
  it('has one exchange of its own in five minutes, when all else is used up', () => {
    const reserve = { usedAt: undefined };
    const own = (after: number): number => budget.spend('look', NOW + after, reserve);
    burst('look');
    expect(own(0)).toBe(0);
    expect(reserve.usedAt).toBe(NOW);
    expect(own(0)).toBe(2);
    burst('look', 299_999);
    expect(own(299_999)).toBeGreaterThan(0);
    burst('look', 300_000);
    expect(own(300_000)).toBe(0);
  });

  it('uses it up first, and costs the others nothing', () => {
    expect(budget.spend('look', NOW, { usedAt: undefined })).toBe(0);
    expect(burst('look')).toBe(60);
  });

  it('has it again after the clock was set back by as much', () => {
    const reserve = { usedAt: NOW };
    burst('look', -300_000);
    expect(budget.spend('look', NOW - 299_999, reserve)).toBeGreaterThan(0);
    expect(budget.spend('look', NOW - 300_000, reserve)).toBe(0);
  });
});

it('all that goes by one clock has one budget', () => {
  const clock = () => NOW;
  expect(budgetOf(clock)).toBe(budgetOf(clock));
  expect(budgetOf(clock)).not.toBe(budgetOf(() => NOW));
});
