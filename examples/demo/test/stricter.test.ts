import { expect, it } from 'vitest';
import { becomeStricter } from '../src/stricter.js';

it('a rule becomes stricter at midnight, and the events before it say who will be refused', async () => {
  const { moments, warnings } = await becomeStricter();
  expect(moments.filter(({ asExpected }) => !asExpected)).toEqual([]);
  expect(moments.map(({ time, status }) => `${time} ${status}`).slice(-3)).toEqual([
    '23:59 200',
    '00:00 403',
    '00:01 200',
  ]);
  expect(warnings.map(({ message }) => message.slice(0, 5))).toEqual(['From ', 'Since']);
});
