import { expect, it } from 'vitest';
import { work } from '../src/agents/work.js';

it('people use the MCP server from an editor, and their agents do less', async () => {
  const { asked, trail } = await work();
  expect(asked.filter(({ asExpected }) => !asExpected)).toEqual([]);
  expect(asked).toHaveLength(11);
  expect(new Set(trail.map(({ user }) => user))).toEqual(new Set(['ada']));
  const paid = trail.filter(({ tool, outcome }) => tool === 'orders.pay' && outcome === 'allow');
  expect(paid).toMatchObject([
    { approval: expect.stringMatching(/./), actor: expect.stringMatching(/^helper/) },
  ]);
  // The very data that were approved, by their digest.
  const [, approved] = trail.filter(({ tool }) => tool === 'orders.pay');
  expect(paid[0]?.arguments).toBe(approved?.arguments);
});
