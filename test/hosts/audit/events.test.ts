import { channel } from 'node:diagnostics_channel';
import { anonymous, appPermissions, type DecisionEvent, eventChannelName, onEvent } from '@entra-guard/core';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { guarded, holdsToken, ordersRead, stepUp } from './guarded.js';

const TRACEPARENT = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';

describe('an audit event', () => {
  it('of an allowed user names caller, token, requirement with its reason, owner and trace', async () => {
    const { entra, eventOf } = await guarded({ auditClaims: ['scp', 'not_there'] });
    const ada = entra.user('ada', { scp: 'Orders.Read', azp: '11111111-2222-4333-8444-555555555555' });
    const event = await eventOf({ headers: { ...ada.headers, traceparent: TRACEPARENT } });
    expect(event).toEqual({
      v: 1,
      type: 'decision',
      time: expect.any(Number),
      outcome: 'allow',
      handler: 'GET /orders',
      requirement: ordersRead.toString(),
      reasons: ['sales works with orders'],
      owner: { team: 'orders', contact: 'orders@contoso.example' },
      who: {
        kind: 'user',
        tenantId: entra.tenantId,
        objectId: entra.objectIdOf('ada'),
        clientId: '11111111-2222-4333-8444-555555555555',
        subjectKey: expect.any(String),
        agent: undefined,
      },
      delegation: { user: event.who?.subjectKey, client: '11111111-2222-4333-8444-555555555555' },
      token: {
        id: ada.claims.uti,
        issuedAt: Number(ada.claims.iat) * 1000,
        expiresAt: Number(ada.claims.exp) * 1000,
      },
      claims: { scp: 'Orders.Read' },
      correlationId: '4bf92f3577b34da6a3ce929d0e0e4736',
    });
  });

  it('of a daemon says that it is one', async () => {
    const { entra, eventOf } = await guarded();
    const event = await eventOf({
      headers: entra.app('job', { roles: ['Orders.Read.All'] }).headers,
      requirement: appPermissions('Orders.Read.All'),
    });
    expect(event).toMatchObject({ outcome: 'allow', reasons: [], who: { kind: 'app' } });
  });

  it('of a denied user names the caller, whose token was genuine', async () => {
    const { entra, eventOf } = await guarded();
    const event = await eventOf({ headers: entra.user('ada', { scp: 'Profile.Read' }).headers });
    expect(event).toMatchObject({
      outcome: 'deny',
      code: 'scope_missing',
      explanation: expect.stringContaining('Orders.Read'),
      who: { objectId: entra.objectIdOf('ada') },
    });
    expect(event).not.toHaveProperty('claimed');
  });

  it('of a step-up says so', async () => {
    const { entra, eventOf } = await guarded();
    const headers = entra.user('ada', { scp: 'Orders.Read', xms_cc: ['cp1'] }).headers;
    expect(await eventOf({ headers, requirement: stepUp })).toMatchObject({
      outcome: 'deny',
      code: 'step_up_required',
      requirement: stepUp.toString(),
      who: { kind: 'user' },
    });
  });

  it('of unavailable keys holds no caller, since nothing was verified', async () => {
    const { entra, eventOf } = await guarded();
    onTestFinished(entra.fail('keys', 503));
    const event = await eventOf({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers });
    expect(event).toMatchObject({ outcome: 'deny', code: 'keys_unavailable' });
    expect(event).not.toHaveProperty('who');
    expect(event).not.toHaveProperty('token');
  });

  it('of a forged token keeps what it claimed apart from who called', async () => {
    const { entra, eventOf } = await guarded({ auditClaims: ['oid'] });
    const forged = entra.wrong.stranger({ scp: 'Orders.Read' });
    const event = await eventOf({ headers: forged.headers });
    expect(event).toMatchObject({
      outcome: 'deny',
      code: 'signature_invalid',
      claimed: {
        issuer: `${entra.authority}`,
        tenantId: entra.tenantId,
        objectId: entra.objectIdOf('ada'),
      },
    });
    for (const verified of ['who', 'token', 'claims']) expect(event).not.toHaveProperty(verified);
  });

  it('of a forged token bounds and escapes what it claimed', async () => {
    const { entra, eventOf } = await guarded();
    const forged = entra.wrong.stranger({
      oid: `\u001b[31m\r\n${'x'.repeat(5000)}`,
      azp: { deep: 'object' } as never,
    });
    const { claimed } = await eventOf({ headers: forged.headers });
    expect(claimed?.objectId).toMatch(/^\\u001b\[31m\\u000d\\u000ax+…$/);
    expect(claimed?.objectId?.length).toBeLessThan(130);
    expect(claimed).not.toHaveProperty('clientId');
  });

  it('carries what was claimed at most sixty times a minute', async () => {
    const { entra, call } = await guarded();
    const forged = entra.wrong.stranger();
    const events: DecisionEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['decision'] }));
    for (let index = 0; index < 100; index++) await call({ headers: forged.headers });
    expect(events).toHaveLength(100);
    expect(events.filter((event) => event.claimed !== undefined).length).toBeLessThanOrEqual(60);
  });

  it('of an anonymous handler names nobody, whatever token came along', async () => {
    const { entra, eventOf } = await guarded();
    const event = await eventOf({
      headers: entra.user('ada', { scp: 'Orders.Read' }).headers,
      requirement: anonymous(),
    });
    expect(event).toMatchObject({ outcome: 'allow', requirement: 'anonymous()' });
    expect(event).not.toHaveProperty('who');
    expect(event).not.toHaveProperty('claimed');
  });

  it.each([
    ['of version ff', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['of zeros', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
    ['with a line break', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\nforged: yes'],
    ['in capitals', '00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01'],
  ])('drops a traceparent %s', async (_, traceparent) => {
    const { eventOf } = await guarded();
    expect(await eventOf({ headers: { traceparent } })).not.toHaveProperty('correlationId');
  });

  it.each([
    ['an ID', () => 'order-4711', 'order-4711'],
    ['a header', (header: (name: string) => string | undefined) => header('X-Request-Id'), 'request-42'],
    ['a line break and too much', () => `\r\n${'x'.repeat(500)}`, `\\u000d\\u000a${'x'.repeat(98)}…`],
    ['nothing', () => undefined, '4bf92f3577b34da6a3ce929d0e0e4736'],
    ['an empty text', () => '', '4bf92f3577b34da6a3ce929d0e0e4736'],
    [
      'an exception',
      () => {
        throw new Error('no such header');
      },
      '4bf92f3577b34da6a3ce929d0e0e4736',
    ],
  ])('has a correlation ID where the application gives %s', async (_, correlationId, expected) => {
    const { entra, eventOf } = await guarded({ correlationId });
    const headers = {
      ...entra.user('ada', { scp: 'Orders.Read' }).headers,
      traceparent: TRACEPARENT,
      'x-request-id': 'request-42',
    };
    expect(await eventOf({ headers })).toMatchObject({ outcome: 'allow', correlationId: expected });
  });

  it('never holds the token, genuine or not', async () => {
    const { entra, eventOf } = await guarded();
    const tokens = [
      entra.user('ada', { scp: 'Orders.Read' }),
      entra.user('ada', { scp: 'Profile.Read' }),
      ...entra.wrong.all.map(([, make]) => make()),
    ];
    for (const { token, headers } of tokens) {
      expect(holdsToken(JSON.stringify(await eventOf({ headers })), token)).toBe(false);
    }
  });
});

describe('without a listener', () => {
  it('nothing is built or published', async () => {
    const { entra, call } = await guarded();
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(false);
    const { authorization } = entra.user('ada', { scp: 'Orders.Read' }).headers;
    let reads = 0;
    const headers = {
      authorization,
      get traceparent() {
        reads++;
        return TRACEPARENT;
      },
    };
    expect(await call({ headers })).toBe('allowed');
    expect(reads).toBe(0);
    onTestFinished(onEvent(() => {}, { types: ['decision'] }));
    expect(await call({ headers })).toBe('allowed');
    expect(reads).toBe(1);
  });

  it('any more, the channel is as before', () => {
    const stop = onEvent(() => {}, { types: ['decision'] });
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(true);
    stop();
    stop();
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(false);
  });
});

describe('a listener that fails', () => {
  it.each([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    [
      'rejects',
      async () => {
        throw new Error('disk full');
      },
    ],
  ])('because it %s, changes no decision and ends no process', async (_, listener) => {
    const unhandled = vi.fn();
    process.on('uncaughtException', unhandled).on('unhandledRejection', unhandled);
    onTestFinished(() => {
      process.off('uncaughtException', unhandled).off('unhandledRejection', unhandled);
    });
    const others: DecisionEvent[] = [];
    onTestFinished(onEvent(listener, { types: ['decision'] }));
    onTestFinished(onEvent((event) => others.push(event), { types: ['decision'] }));
    const { entra, call } = await guarded();
    expect(await call({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers })).toBe('allowed');
    expect(await call()).toBe('credentials_missing');
    await new Promise(setImmediate);
    expect(others).toHaveLength(2);
    expect(unhandled).not.toHaveBeenCalled();
  });

  it('because it changes what it was given, leaves the next one the event as it was', async () => {
    const seen: DecisionEvent[] = [];
    onTestFinished(
      onEvent(
        (event) => {
          Object.assign(event.who ?? {}, { objectId: 'another user' });
        },
        { types: ['decision'] },
      ),
    );
    onTestFinished(onEvent((event) => seen.push(event), { types: ['decision'] }));
    const { entra, call } = await guarded();
    await call({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers });
    expect(seen[0]?.who?.objectId).toBe(entra.objectIdOf('ada'));
  });
});
