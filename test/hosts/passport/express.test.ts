import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { askStrategy, hosts, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

describe.each(hosts)('the strategy on %s', (...host) => {
  it('lets a user in, with the claims where the samples read them', async () => {
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const answer = await askStrategy(host, trusting(entra), ada.headers);
    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.body)).toEqual({ user: {}, authInfo: ada.claims });
  });

  it('lets an app with an application permission in', async () => {
    const app = entra.app('daemon', { roles: ['Orders.Read.All'] });
    expect((await askStrategy(host, trusting(entra), app.headers)).status).toBe(200);
  });

  it('challenges a request without a token (RFC 6750, section 3)', async () => {
    expect(await askStrategy(host, trusting(entra))).toMatchObject({
      status: 401,
      challenge: `Bearer realm="${entra.tenantId}"`,
      body: 'Unauthorized',
    });
  });

  it.each(['expired', 'audience', 'tenant', 'stranger', 'signature', 'idToken'] as const)(
    'refuses a token that is wrong: %s',
    async (name) => {
      const answer = await askStrategy(host, trusting(entra), entra.wrong[name]().headers);
      expect(answer.status).toBe(401);
      expect(answer.challenge).toMatch(/^Bearer realm="[^"]+", error="invalid_token", error_description="/);
    },
  );

  it('answers a missing scope with 403 and the required scope', async () => {
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const { applicationIdUri, clientId } = entra.options();
    const answer = await askStrategy(host, trusting(entra, { scope: ['Orders.Write'] }), ada.headers);
    expect(answer).toMatchObject({ status: 403, body: 'Forbidden' });
    expect(answer.challenge).toContain('error="insufficient_scope"');
    expect(answer.challenge).toContain(`scope="${applicationIdUri ?? `api://${clientId}`}/Orders.Write"`);
  });

  it('lets a user in whose token has one of the scopes', async () => {
    const ada = entra.user('ada', { scp: 'Orders.Read Orders.List' });
    const options = trusting(entra, { scope: ['Orders.Write', 'Orders.List'] });
    expect((await askStrategy(host, options, ada.headers)).status).toBe(200);
  });
});
