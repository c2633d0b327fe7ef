import { expect, it } from 'vitest';
import { askFront } from '../src/front/ask-front.js';
import { hasNginx } from '../src/front/stage.js';

const withoutNginx = process.env.CI !== 'true' && !hasNginx();

it.skipIf(withoutNginx)(
  `nginx lets pass what the policy allows, and nothing else${withoutNginx ? ' (skipped: nginx is not installed)' : ''}`,
  async () => {
    const { by, fronted } = await askFront(true);
    expect(by).toBe('nginx');
    expect(fronted.filter(({ asExpected }) => !asExpected)).toEqual([]);
    expect(fronted.map(({ behind }) => behind)).toEqual([
      'nothing',
      'GET /',
      'nothing',
      'GET /salaries/2026',
      'nothing',
      'the assertion',
      'the assertion',
      'the assertion',
      'the assertion',
      'nothing',
    ]);
  },
);
