import { BearerStrategy } from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { appOf, ask, everybody, hosts, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const JSON_TYPE = { 'content-type': 'application/json' };

describe.each(hosts)('a token that is not in the header on %s', (...host) => {
  const answer = (request: Parameters<typeof ask>[1]) =>
    ask(appOf(host, new BearerStrategy(trusting(entra), everybody)), request);

  it('may be in a form', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read' });
    const body = new URLSearchParams({ access_token: token }).toString();
    expect((await answer({ method: 'POST', headers: FORM, body })).status).toBe(200);
  });

  it('may be in JSON, as it might before', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read' });
    const body = JSON.stringify({ access_token: token });
    expect((await answer({ method: 'POST', headers: JSON_TYPE, body })).status).toBe(200);
  });

  it('is refused beside one in the header', async () => {
    const { token, headers } = entra.user('ada', { scp: 'Orders.Read' });
    const body = JSON.stringify({ access_token: token });
    const { status, challenge } = await answer({
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body,
    });
    expect(status).toBe(400);
    expect(challenge).toContain('error="invalid_request"');
  });

  it('is refused in the query, also beside a good header', async () => {
    const { token, headers } = entra.user('ada', { scp: 'Orders.Read' });
    expect((await answer({ path: `/?access_token=${token}` })).status).toBe(400);
    expect((await answer({ path: `/?access_token=${token}`, headers })).status).toBe(400);
  });
});
