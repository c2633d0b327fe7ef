import { expect, it } from 'vitest';
import { allOf, authorize, evaluate, scopes, signedInWithin } from '../../src/index.js';
import { testAuth } from '../../src/testing/index.js';

const NOW = 1_790_000_000_000;
const requirement = allOf(scopes('Orders.Read'), signedInWithin('15m'));
const ada = testAuth({
  kind: 'user',
  scopes: ['Orders.Read'],
  claims: { auth_time: NOW / 1000 },
});

it('a requirement is judged at a Date as at milliseconds', async () => {
  for (const now of [NOW + 900_000, new Date(NOW + 900_000)]) {
    expect(evaluate(requirement, ada, { now })).toEqual({ granted: true });
    await expect(authorize(requirement, ada, { now })).resolves.toBeUndefined();
  }
  for (const now of [NOW + 900_001, new Date(NOW + 900_001), new Date('soon')]) {
    expect(evaluate(requirement, ada, { now })).toMatchObject({ granted: false, code: 'sign_in_too_old' });
    await expect(authorize(requirement, ada, { now })).rejects.toMatchObject({ code: 'sign_in_too_old' });
  }
});
