import { describe, expect, it } from 'vitest';
import { assertRowSecurity } from '../src/index.js';

const sender = (result: unknown) => ({ query: async () => result });

describe('assertRowSecurity', () => {
  it.each([
    ['no options', undefined, 'undefined instead of options'],
    ['an unknown option', { table: ['orders'] }, "Did you mean 'tables'?"],
    ['no tables', { tables: [] }, 'is not a list of names'],
    ['a name alone', { tables: 'orders' }, 'is not a list of names'],
    ['an empty name', { tables: [''] }, 'is not a list of names'],
  ])('refuses %s', async (_, options, problem) => {
    await expect(assertRowSecurity(sender({ rows: [] }), options as never)).rejects.toThrow(problem);
  });

  it.each([
    ['nothing', undefined],
    ['no rows', { rows: [] }],
    ['rows of something else', { rows: [{ found: 'all is well' }] }],
  ])('refuses a database that answers with %s', async (_, result) => {
    await expect(assertRowSecurity(sender(result), { tables: ['orders'] })).rejects.toThrow(
      'something that gives no rows',
    );
  });
});
