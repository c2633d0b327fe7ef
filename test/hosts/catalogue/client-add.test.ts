import { describe, expect, it } from 'vitest';
import { entraGuard } from './cli-run.js';

const add = (...args: readonly string[]) => entraGuard(['client', 'add', 'nightly-job', '--secret', ...args]);

describe('entra-guard client add, with the code of the API', () => {
  it('takes the API and the ID of the permission from the catalogue', async () => {
    const { code, out } = await add('--app', 'orders.mjs', '--permissions', 'Orders.Read.All');
    expect(code).toBe(0);
    expect(out).toContain("az ad app show --id 'api://11111111-1111-4111-8111-111111111111'");
    expect(out).toContain("role='bbbbbbbb-0000-4000-8000-000000000001'");
  });

  it.each([
    ['that it does not have', 'Orders.Reed.All'],
    ['that only users can have', 'Orders.Admin'],
    ['that is a scope', 'Orders.Read'],
  ])('refuses a permission %s', async (_, value) => {
    const { code, out, err } = await add('--app', 'orders.mjs', '--permissions', value);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`The catalogue has no application permission ${value}.`);
    expect(err).toContain('There is Orders.Read.All.');
  });

  it('chooses the catalogue by --api', async () => {
    const args = ['--app', 'two-apis.mjs', '--permissions', 'second.Read.All'];
    expect((await add(...args)).err).toContain('Say which: --api');
    expect((await add(...args, '--api', 'api://second')).err).toContain(
      'no application permission second.Read.All',
    );
  });

  it('refuses an API that is code', async () => {
    const args = ['--app', 'orders.mjs', '--permissions', 'Orders.Read.All', '--program'];
    const { code, out, err } = await add(...args, '--api', "a'; id; '");
    expect([code, out, err]).toEqual([2, '', expect.stringContaining('--api is')]);
  });
});
