import { expect, it } from 'vitest';
import { askFront } from '../src/front/ask-front.js';

it('without nginx the decision service is asked, and says the same', async () => {
  const { by, fronted } = await askFront(false);
  expect(by).toBe('the decision service');
  expect(fronted.filter(({ asExpected }) => !asExpected)).toEqual([]);
  expect(fronted.filter(({ behind }) => behind === 'would be asked')).toHaveLength(6);
});
