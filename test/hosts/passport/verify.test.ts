import { type DecisionEvent, onEvent } from '@entra-guard/core';
import { BearerStrategy, type LogEntry, type VerifyBearerFunction } from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { act } from './acting.js';
import { trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

/** Returns the outcome of one request, and its log entries. */
async function told(verify: VerifyBearerFunction) {
  const entries: LogEntry[] = [];
  const events: DecisionEvent[] = [];
  const stop = onEvent((event) => void events.push(event), { types: ['decision'] });
  const strategy = new BearerStrategy(trusting(entra, { log: (entry) => void entries.push(entry) }), verify);
  const acted = await act(strategy, entra.user('ada', { scp: 'Orders.Read' }));
  stop();
  return { acted, entries, events };
}

const withStatus = (message: string, members: object) => Object.assign(new Error(message), members);

describe('an error of verify that refuses the caller', () => {
  it.each([
    ['by its message, as in Microsoft’s samples', new Error('Unauthorized')],
    ['by its message', new Error('Forbidden: not a member')],
    ['by its status', withStatus('no such user', { status: 401 })],
    ['by its statusCode', withStatus('not yours', { statusCode: 403 })],
    ['by a status that it inherits', Object.create({ status: 404, message: 'no such user' })],
    ['by a string', 'Unauthorized'],
  ])(
    'reaches the application unchanged, and is not logged as an error of the service: %s',
    async (_, error) => {
      for (const verify of [
        (_token: unknown, done: (error: unknown) => void) => done(error),
        () => Promise.reject(error),
      ]) {
        const { acted, entries, events } = await told(verify as VerifyBearerFunction);
        expect(acted).toEqual({ did: 'error', error });
        expect(entries).toMatchObject([{ level: 'warn', event: 'refused', code: 'check_refused' }]);
        expect(entries[0]?.message).toBe('The verify callback refused the caller.');
        expect(entries[0]?.hint).toContain('done(null, false)');
        expect(events).toMatchObject([{ outcome: 'deny', code: 'check_refused' }]);
      }
    },
  );
});

describe('any other error of verify', () => {
  it.each([
    ['without a status', new Error('database down')],
    ['with the status of a service that is down', withStatus('down', { status: 503 })],
    ['with a status that is text', withStatus('odd', { status: '401' })],
    [
      'that throws when it is read',
      new Proxy(
        {},
        {
          get: () => {
            throw new Error('hands off');
          },
        },
      ),
    ],
  ])(
    'is an error of the application, and the log says what to do if a refusal was meant: %s',
    async (_, error) => {
      const { acted, entries, events } = await told((_token, done) => done(error));
      expect(acted.did).toBe('error');
      expect(acted.error === error).toBe(true);
      expect(entries).toMatchObject([{ level: 'error', event: 'refused', code: 'check_failed' }]);
      expect(entries[0]?.message).not.toContain('500');
      expect(entries[0]?.hint).toContain('done(null, false)');
      expect(events).toMatchObject([{ outcome: 'deny', code: 'check_failed' }]);
    },
  );
});

it('a verify that gives no user is logged as such', async () => {
  const { acted, entries } = await told((_token, done) => done(null, false, 'a reason of ours'));
  expect(acted).toMatchObject({ did: 'fail', status: 401 });
  expect(entries).toMatchObject([
    { level: 'warn', code: 'check_refused', message: 'The verify callback refused the caller.' },
  ]);
  expect(JSON.stringify(entries)).not.toContain('a reason of ours');
});
