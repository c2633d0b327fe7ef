import { afterEach, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, appClaims, signed, userClaims } from '../../../../test/support/forger.js';
import { createValidator } from '../../src/index.js';
import { graphCallers } from '../../src/testing/index.js';

const GRAPH = '00000003-0000-0000-c000-000000000000';
const bearer = (claims: Record<string, unknown>) => ({
  headers: { authorization: `Bearer ${signed(claims)}` },
});
afterEach(() => vi.unstubAllEnvs());

it.each([GRAPH, 'https://graph.microsoft.com', 'https://graph.microsoft.com/'])(
  'accepts a token for %s, and one for another API is refused',
  async (aud) => {
    const callers = graphCallers(contoso());
    const request = bearer(userClaims({ aud, scp: 'User.Read' }));
    for (let times = 0; times < 3; times += 1) {
      expect((await callers.authenticate(request)).objectId).toBe(ADA);
    }
    expect((await callers.authenticate(bearer(appClaims({ aud })))).kind).toBe('app');
    await expect(callers.authenticate(bearer(userClaims()))).rejects.toMatchObject({
      code: 'audience_not_accepted',
    });
    await expect(callers.authenticate({ headers: {} })).rejects.toMatchObject({
      code: 'credentials_missing',
    });
    callers.close();
  },
);

it('is the only way: a validator for an API refuses the audience of Microsoft Graph', () => {
  expect(() => createValidator(contoso({ clientId: GRAPH }))).toThrow('Microsoft Graph');
  expect(() => createValidator(contoso({ audience: GRAPH }))).toThrow('Microsoft Graph');
});

it('is refused in production, unless that is said', async () => {
  vi.stubEnv('NODE_ENV', 'production');
  expect(() => graphCallers(contoso())).toThrow('graphCallers(...) was called');
  const callers = graphCallers(contoso(), { dangerouslyAllowProduction: true });
  expect((await callers.authenticate(bearer(userClaims({ aud: GRAPH })))).kind).toBe('user');
  callers.close();
});
