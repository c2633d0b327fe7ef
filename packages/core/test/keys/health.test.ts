import { expect, it } from 'vitest';
import { healthOf } from '../../src/keys/health.js';
import { NOW } from '../contoso.js';

it('is down when nothing failed and no keys are at hand all the same', () => {
  const state = { sources: [], keyIds: [], closed: false };
  expect(healthOf(state, NOW, true)).toEqual({
    status: 'down',
    message: "Signing keys can't be read, and none are at hand.",
    sources: [],
  });
});
