import { describe, expect, it } from 'vitest';
import { entraGuard } from './cli-run.js';

describe('the inventory of an application that assertAllGuarded does not let start', () => {
  it('names what is open, in mounted applications too', { timeout: 60_000 }, async () => {
    const { code, out, err } = await entraGuard(['inventory', 'unfinished.mjs', '--json']);
    expect(err).toBe('');
    const { handlers } = JSON.parse(out) as { handlers: { path: string; access: string }[] };
    expect(handlers.map(({ path, access }) => [path, access])).toEqual([
      ['/orders', 'required'],
      ['/later', 'open'],
      ['/admin/users', 'open'],
    ]);
    expect(code).toBe(1);
  });
});
