import https from 'node:https';
import { createRequire } from 'node:module';
import { BearerStrategy, type DisagreementEvent, type OtherStrategy, onEvent } from '@entra-guard/passport';
import { type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { act } from './acting.js';
import { everybody } from './app.js';

const { BearerStrategy: Original } = createRequire(import.meta.url)('passport-azure-ad') as {
  BearerStrategy: new (options: object, verify: unknown) => OtherStrategy;
};

let entra: LoopbackEntra;
beforeAll(async () => {
  entra = await startEntra({ port: 0, tls: true });
  // passport-azure-ad has no option for a certificate.
  https.globalAgent.options.ca = entra.certificate;
});
afterAll(async () => {
  delete https.globalAgent.options.ca;
  await entra.close();
});

let documents = 0;
/** Makes both strategies with equal options, each time with a new URL: passport-azure-ad caches for half an hour. */
function both(changes: object = {}): BearerStrategy {
  const { authority, clientId, fetch } = entra.options();
  const identityMetadata = `${authority}/.well-known/openid-configuration?document=${documents++}`;
  const options = { identityMetadata, clientID: clientId, loggingLevel: 'fatal' as 'error' };
  const compareWith = new Original({ ...options }, everybody);
  return new BearerStrategy(
    { ...options, ...(fetch ? { fetch } : {}), log: false, compareWith, ...changes },
    everybody,
  );
}

function disagreements(): DisagreementEvent[] {
  const events: DisagreementEvent[] = [];
  onTestFinished(onEvent((event) => events.push(event), { types: ['comparison'] }));
  return events;
}

const ada = () => entra.user('ada', { scp: 'Orders.Read' });

it('agrees with passport-azure-ad about valid tokens, and publishes those it wrongly accepts', async () => {
  const events = disagreements();
  const strategy = both();
  expect((await act(strategy, ada())).did).toBe('success');
  expect((await act(strategy, entra.wrong.expired())).did).toBe('fail');
  expect((await act(strategy, entra.wrong.audience())).did).toBe('fail');
  expect((await act(strategy, entra.wrong.idToken())).did).toBe('fail');
  await vi.waitFor(() => expect(events).toHaveLength(1));
  expect(events).toMatchObject([
    { entraGuard: { outcome: 'deny', code: 'not_an_access_token' }, other: { outcome: 'allow' } },
  ]);
});

it('survives metadata that is HTML, which ends a process that uses passport-azure-ad alone', async () => {
  const events = disagreements();
  const strategy = both();
  const restore = entra.fail('metadata', 'garbage');
  const answer = await act(strategy, ada());
  expect(answer).toMatchObject({ did: 'error', error: { status: 503 } });
  await vi.waitFor(() => expect(events).toHaveLength(1));
  restore();
  expect(events).toMatchObject([
    { other: { outcome: 'no_answer', reason: expect.stringContaining('it crashed') } },
  ]);
});

it('answers as passport-azure-ad does, with answerFrom', async () => {
  const events = disagreements();
  const strategy = both({ answerFrom: 'other' });
  const { claims, headers } = entra.wrong.idToken();
  expect(await act(strategy, { headers })).toEqual({ did: 'success', user: {}, info: claims });
  expect(await act(strategy, {})).toMatchObject({ did: 'fail', challenge: 'token is not found' });
  await vi.waitFor(() => expect(events).toHaveLength(1));
});
