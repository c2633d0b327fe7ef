import { expect, it } from 'vitest';
import { callOnBehalf } from '../src/on-behalf/call-on-behalf.js';

it('both APIs see the user and who acts for her, and MSAL answers a demand of Conditional Access', async () => {
  const passed = await callOnBehalf();
  expect(passed.filter(({ asExpected }) => !asExpected)).toEqual([]);
  expect(passed.map(({ status, orders, next }) => [status, orders, next])).toEqual([
    ['200', 'ada, by orders-web', 'Graph: Ada Lovelace'],
    ['200', 'ada, by orders-web', 'ada, by orders'],
    ['401 downstream_step_up_required', 'grace, by orders-web', 'not called'],
    ['200', 'grace, by orders-web', 'grace, by orders'],
  ]);
});
