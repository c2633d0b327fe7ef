import { createValidator } from '@entra-guard/core';
import { graphCallers } from '@entra-guard/core/testing';
import { startEntra } from '@entra-guard/testing';
import { afterEach, expect, it, vi } from 'vitest';

const GRAPH = '00000003-0000-0000-c000-000000000000';
afterEach(() => vi.unstubAllEnvs());

it('accepts a token for Microsoft Graph, and refuses one for another API', async () => {
  const entra = await startEntra();
  const callers = graphCallers({ ...entra.options(), log: false });
  const forGraph = (aud: string) => ({ headers: entra.user('ada', { aud, scp: 'User.Read' }).headers });
  for (const aud of [GRAPH, 'https://graph.microsoft.com', 'https://graph.microsoft.com/']) {
    const auth = await callers.authenticate(forGraph(aud));
    expect(auth.objectId).toBe(entra.objectIdOf('ada'));
  }
  const remembered = forGraph(GRAPH);
  for (let times = 0; times < 3; times += 1) {
    expect((await callers.authenticate(remembered)).objectId).toBe(entra.objectIdOf('ada'));
  }
  await expect(callers.authenticate({ headers: entra.user('ada').headers })).rejects.toMatchObject({
    code: 'audience_not_accepted',
  });
  await expect(callers.authenticate({ headers: {} })).rejects.toMatchObject({ code: 'credentials_missing' });
  callers.close();
});

it('is the only way: a validator for an API refuses the audience of Microsoft Graph', async () => {
  const entra = await startEntra();
  expect(() => createValidator({ ...entra.options(), clientId: GRAPH })).toThrow('Microsoft Graph');
});

it('is refused in production, unless that is said', async () => {
  const entra = await startEntra();
  vi.stubEnv('NODE_ENV', 'production');
  expect(() => graphCallers(entra.options())).toThrow('graphCallers(...) was called');
  const callers = graphCallers({ ...entra.options(), log: false }, { dangerouslyAllowProduction: true });
  const { headers } = entra.user('ada', { aud: GRAPH });
  expect((await callers.authenticate({ headers })).kind).toBe('user');
  callers.close();
});
