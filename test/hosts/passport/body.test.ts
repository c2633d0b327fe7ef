import { BearerStrategy } from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { malformedSentenceOf } from '../../support/sentences.js';
import { appOf, ask, everybody, hosts, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };
const invalid = (sentence: string) => `error="invalid_request", error_description="${sentence}"`;
const JSON_TYPE = { 'content-type': 'application/json' };

describe.each(hosts)('a token that is not in the header on %s', (...host) => {
  const answer = (request: Parameters<typeof ask>[1]) =>
    ask(appOf(host, new BearerStrategy(trusting(entra), everybody)), request);

  it('may be in a form body', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read' });
    const body = new URLSearchParams({ access_token: token }).toString();
    expect((await answer({ method: 'POST', headers: FORM, body })).status).toBe(200);
  });

  it('may be in a JSON body, as with passport-azure-ad', async () => {
    const { token } = entra.user('ada', { scp: 'Orders.Read' });
    const body = JSON.stringify({ access_token: token });
    expect((await answer({ method: 'POST', headers: JSON_TYPE, body })).status).toBe(200);
  });

  it('is refused if there is another one in the header', async () => {
    const { token, headers } = entra.user('ada', { scp: 'Orders.Read' });
    const body = JSON.stringify({ access_token: token });
    const { status, challenge } = await answer({
      method: 'POST',
      headers: { ...JSON_TYPE, ...headers },
      body,
    });
    expect(status).toBe(400);
    expect(challenge).toContain(invalid(malformedSentenceOf('header and body')));
  });

  it('is refused in the query, even with a valid header', async () => {
    const { token, headers } = entra.user('ada', { scp: 'Orders.Read' });
    const path = `/?access_token=${token}`;
    const challenge = expect.stringContaining(invalid(malformedSentenceOf('query')));
    expect(await answer({ path })).toMatchObject({ status: 400, challenge });
    expect(await answer({ path, headers })).toMatchObject({ status: 400, challenge });
  });

  it('is refused in a body that has not exactly one token', async () => {
    const body = JSON.stringify({ access_token: ['a', 'b'] });
    expect(await answer({ method: 'POST', headers: JSON_TYPE, body })).toMatchObject({
      status: 400,
      challenge: expect.stringContaining(invalid(malformedSentenceOf('body'))),
    });
  });
});
