import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { EventEmitter, once } from 'node:events';
import { createValidator, eventChannelName } from '@entra-guard/core';
import { BearerStrategy, type DisagreementEvent, type OtherStrategy, onEvent } from '@entra-guard/passport';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Act, act, type Given } from './acting.js';
import { everybody, trusting } from './app.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

let events: DisagreementEvent[];
let end: () => void;
beforeEach(() => {
  events = [];
  end = onEvent((event) => events.push(event), { types: ['comparison'] });
});
afterEach(() => {
  end();
  vi.useRealTimers();
});

/** The methods that passport adds to a strategy. */
interface Acting {
  success(user: unknown, info?: unknown): void;
  fail(challenge?: unknown, status?: number): void;
  error(error: unknown): void;
  pass(): void;
  redirect(url: string): void;
}

/** Makes another strategy that does this with every request. */
function other(does: (this: Acting, request: Given) => unknown): OtherStrategy {
  return {
    authenticate(this: OtherStrategy, request) {
      return does.call(this as unknown as Acting, request as unknown as Given);
    },
  };
}
const accepting = () =>
  other(function () {
    this.success({ id: 'theirs' }, 'their info');
  });
const refusing = (challenge: unknown = 'no', status?: number) =>
  other(function () {
    this.fail(challenge, status);
  });

const ada = () => entra.user('ada', { scp: 'Orders.Read' });
const compared = (compareWith: unknown, changes: object = {}) =>
  new BearerStrategy(trusting(entra, { compareWith: compareWith as OtherStrategy, ...changes }), everybody);
/** Waits until the comparison is done. */
const settled = () => vi.waitFor(() => expect(events.length).toBeGreaterThan(0));
const quiet = () => new Promise((resolve) => setImmediate(() => setImmediate(resolve)));

describe('compareWith', () => {
  it('publishes nothing while both agree', async () => {
    expect((await act(compared(accepting()), ada())).did).toBe('success');
    expect((await act(compared(refusing()), entra.wrong.expired())).did).toBe('fail');
    expect(
      (
        await act(
          compared(
            other(function () {
              this.error(new Error('down'));
            }),
          ),
          entra.wrong.expired(),
        )
      ).did,
    ).toBe('fail');
    await quiet();
    expect(events).toEqual([]);
  });

  it('publishes a token that only the other one accepts, and why entra-guard refuses it', async () => {
    const token = entra.wrong.idToken();
    expect((await act(compared(accepting()), token)).did).toBe('fail');
    await settled();
    expect(events).toEqual([
      {
        v: 1,
        type: 'comparison',
        time: expect.any(Number),
        handler: 'GET /*',
        answeredBy: 'entra-guard',
        entraGuard: {
          outcome: 'deny',
          code: 'not_an_access_token',
          explanation: expect.stringContaining('the client that asked for the token'),
        },
        other: { outcome: 'allow' },
        suppressed: 0,
      },
    ]);
  });

  it('publishes a token that only entra-guard accepts, its caller, and the reason of the other one', async () => {
    const { claims, headers } = ada();
    await act(compared(refusing('jwt issuer is invalid')), { headers });
    await settled();
    expect(events).toMatchObject([
      {
        entraGuard: { outcome: 'allow' },
        other: { outcome: 'deny', reason: 'jwt issuer is invalid' },
        who: { kind: 'user', tenantId: entra.tenantId, objectId: claims.oid },
      },
    ]);
  });

  it('compares the outcome with verify on both sides', async () => {
    const strategy = new BearerStrategy(trusting(entra, { compareWith: accepting() }), (_token, done) =>
      done(null, false),
    );
    await act(strategy, ada());
    await settled();
    expect(events).toMatchObject([
      { entraGuard: { outcome: 'deny', code: 'check_refused' }, other: { outcome: 'allow' } },
    ]);
  });

  it.each<readonly [string, (token: string) => unknown]>([
    ['text', (token) => `cannot verify ${token}`],
    ['an error', (token) => new Error(`bad token: ${token}`)],
    ['text over lines', (token) => `a\r\nb ${token.slice(0, 200)}`],
    ['very long text', (token) => `${'x'.repeat(100_000)}${token}`],
  ])('never repeats the token: %s', async (_, said) => {
    const { token, headers } = ada();
    await act(compared(refusing(said(token))), { headers });
    await settled();
    const text = JSON.stringify(events);
    for (const part of token.split('.')) expect(text).not.toContain(part.slice(0, 30));
    expect(events[0]?.other.reason).toMatch(/^[^\p{Cc}]{0,300}$/u);
  });

  it('publishes frozen events', async () => {
    await act(compared(refusing()), ada());
    await settled();
    const [event] = events;
    for (const part of [event, event?.other, event?.entraGuard, event?.who])
      expect(Object.isFrozen(part)).toBe(true);
  });

  it('does not show the application what the other one writes on the request', async () => {
    const writing = other(function (given) {
      Object.assign(given, { mark: 'theirs' });
      this.fail('no');
    });
    const options = { ...trusting(entra, { compareWith: writing }), passReqToCallback: true as const };
    const strategy = new BearerStrategy(options, (request, _token, done) =>
      done(null, { mark: (request as { readonly mark?: unknown }).mark }),
    );
    const given = { ...ada(), mark: 'ours' };
    expect(await act(strategy, given)).toMatchObject({ user: { mark: 'ours' } });
    await settled();
  });

  it('publishes at most sixty events a minute, and counts the others', async () => {
    let now = Date.now();
    const strategy = compared(refusing(), { now: () => now });
    const { headers } = entra.user('ada', { scp: 'Orders.Read', exp: Math.floor(now / 1000) + 7200 });
    for (let count = 0; count < 65; count++) await act(strategy, { headers });
    await vi.waitFor(() => expect(events).toHaveLength(60));
    now += 60_000;
    await act(strategy, { headers });
    await vi.waitFor(() => expect(events).toHaveLength(61));
    expect(events.map(({ suppressed }) => suppressed)).toEqual([...Array(60).fill(0), 5]);
  });
});

describe('a compared strategy that fails', () => {
  const failures: readonly (readonly [string, OtherStrategy, RegExp])[] = [
    [
      'throws',
      other(() => {
        throw new Error('broken');
      }),
      /crashed: broken/,
    ],
    [
      'throws nothing',
      other(() => {
        throw undefined;
      }),
      /crashed: undefined/,
    ],
    ['rejects', other(() => Promise.reject(new Error('later'))), /crashed: later/],
    [
      'throws in its own callback',
      other(() => {
        setImmediate(() => {
          throw new Error('metadata is HTML');
        });
      }),
      /crashed: metadata is HTML/,
    ],
    [
      'throws in an event listener',
      other(() => {
        const emitter = new EventEmitter();
        emitter.on('end', () => {
          throw new Error('in an event');
        });
        setImmediate(() => emitter.emit('end'));
      }),
      /crashed: in an event/,
    ],
    [
      'emits an error',
      other(() => {
        const emitter = new EventEmitter();
        setImmediate(() => emitter.emit('error', new Error('emitted')));
      }),
      /crashed: emitted/,
    ],
    [
      'rejects without a handler',
      other(() => {
        setImmediate(() => void Promise.reject(new Error('unhandled')));
      }),
      /crashed: unhandled/,
    ],
    [
      'redirects',
      other(function () {
        this.redirect('/login');
      }),
      /redirected/,
    ],
    [
      'passes',
      other(function () {
        this.pass();
      }),
      /passed/,
    ],
  ];
  it.each(failures)('does not change the answer of entra-guard: it %s', async (_, failing, reason) => {
    expect(await act(compared(failing), ada())).toMatchObject({ did: 'success', user: {} });
    expect(await act(compared(failing), entra.wrong.expired())).toMatchObject({ did: 'fail', status: 401 });
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect(events[0]?.other).toEqual({ outcome: 'no_answer', reason: expect.stringMatching(reason) });
  });

  it('may answer and then fail', async () => {
    const late = other(function () {
      this.success({});
      setImmediate(() => {
        throw new Error('afterwards');
      });
    });
    expect((await act(compared(late), ada())).did).toBe('success');
    await quiet();
    expect(events).toEqual([]);
  });

  it('may answer twice: the first answer counts', async () => {
    const twice = other(function () {
      this.fail('no');
      this.success({});
    });
    await act(compared(twice), ada());
    await settled();
    expect(events).toMatchObject([{ other: { outcome: 'deny' } }]);
  });

  it('may hang: the answer does not wait, and after five such requests it is not asked for a minute', async () => {
    const now = Date.now();
    let clock = now;
    let asked = 0;
    const hanging = other(() => {
      asked++;
    });
    const strategy = compared(hanging, { now: () => clock });
    const { headers } = entra.user('ada', { scp: 'Orders.Read', exp: Math.floor(now / 1000) + 7200 });
    await act(strategy, { headers: entra.wrong.expired().headers });
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    for (let count = 0; count < 5; count++) {
      expect((await act(strategy, { headers })).did).toBe('success');
      await vi.advanceTimersByTimeAsync(5000);
    }
    const before = asked;
    await act(strategy, { headers });
    expect(asked).toBe(before);
    clock += 60_000;
    await act(strategy, { headers });
    expect(asked).toBe(before + 1);
    expect(events.every(({ other: { outcome } }) => outcome === 'no_answer')).toBe(true);
  });

  it('may be slow: it never gets more than a hundred requests at a time', async () => {
    let asked = 0;
    const strategy = compared(
      other(() => {
        asked++;
      }),
    );
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const answers = await Promise.all(Array.from({ length: 150 }, () => act(strategy, ada())));
    expect(answers.every(({ did }) => did === 'success')).toBe(true);
    expect(asked).toBe(100);
    await vi.advanceTimersByTimeAsync(5000);
  });
});

describe("answerFrom: 'other'", () => {
  const answered = (by: OtherStrategy, given: Given): Promise<Act> =>
    act(compared(by, { answerFrom: 'other' }), given);

  it('answers as the other one does', async () => {
    expect(await answered(accepting(), entra.wrong.idToken())).toEqual({
      did: 'success',
      user: { id: 'theirs' },
      info: 'their info',
    });
    expect(await answered(refusing('token is not found'), ada())).toEqual({
      did: 'fail',
      challenge: 'token is not found',
      status: undefined,
    });
    expect(
      await answered(
        other(function () {
          this.fail(418);
        }),
        ada(),
      ),
    ).toMatchObject({ did: 'fail', status: 418 });
    const failure = new Error('theirs');
    expect(
      await answered(
        other(function () {
          this.error(failure);
        }),
        ada(),
      ),
    ).toEqual({ did: 'error', error: failure });
  });

  it('publishes disagreements too', async () => {
    await answered(accepting(), entra.wrong.idToken());
    await settled();
    expect(events).toMatchObject([
      { answeredBy: 'other', entraGuard: { outcome: 'deny' }, other: { outcome: 'allow' } },
    ]);
  });

  it('answers as entra-guard if the other one does not answer', async () => {
    const crashing = other(() => {
      setImmediate(() => {
        throw new Error('broken');
      });
    });
    expect(await answered(crashing, ada())).toMatchObject({ did: 'success', user: {} });
    expect(await answered(crashing, entra.wrong.expired())).toMatchObject({ did: 'fail', status: 401 });
    await settled();
    expect(events[0]).toMatchObject({ answeredBy: 'entra-guard', other: { outcome: 'no_answer' } });
  });
});

describe('a validator to compare with', () => {
  it('gets the token, from the header or the body', async () => {
    const seen: string[] = [];
    const validator = {
      validate: async (token: string) => {
        seen.push(token);
        throw new Error('jwt audience invalid');
      },
    };
    const { token, headers } = ada();
    await act(compared(validator), { headers });
    await act(compared(validator), { method: 'POST', body: { access_token: token } });
    await vi.waitFor(() => expect(events).toHaveLength(2));
    expect(seen).toEqual([token, token]);
    expect(events[0]).toMatchObject({
      entraGuard: { outcome: 'allow' },
      other: { outcome: 'deny', reason: 'jwt audience invalid' },
    });
  });

  it('may be a validator of entra-guard', async () => {
    const validator = createValidator({ ...entra.options(), log: false });
    await act(compared(validator), ada());
    await act(compared(validator), entra.wrong.expired());
    await quiet();
    expect(events).toEqual([]);
    validator.close();
  });

  it('is not asked without a token, and is not compared with the outcome of verify', async () => {
    const validate = vi.fn(async () => ({}));
    const verifyNobody = new BearerStrategy(
      trusting(entra, { compareWith: { validate } as never }),
      (_token, done) => done(null, false),
    );
    await act(verifyNobody, {});
    expect(validate).not.toHaveBeenCalled();
    await act(verifyNobody, ada());
    await quiet();
    expect(validate).toHaveBeenCalledTimes(1);
    expect(events).toEqual([]);
  });

  it.each<readonly [string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('broken');
      },
    ],
    ['gives no promise', () => undefined],
  ])('may fail: it %s', async (_, validate) => {
    expect((await act(compared({ validate }), ada())).did).toBe('success');
    await settled();
    expect(events).toMatchObject([{ other: { outcome: 'no_answer' } }]);
  });
});

describe('onEvent, of disagreements', () => {
  it('ignores a listener that throws', async () => {
    const stop = onEvent(
      () => {
        throw new Error('listener');
      },
      { types: ['comparison'] },
    );
    const stopAsync = onEvent((() => Promise.reject(new Error('listener'))) as () => void, {
      types: ['comparison'],
    });
    expect((await act(compared(refusing()), ada())).did).toBe('success');
    await settled();
    stop();
    stopAsync();
  });

  it('ignores a subscriber of the channel that throws', async () => {
    const thrower = () => {
      throw new Error('raw');
    };
    subscribe(eventChannelName('comparison'), thrower);
    const warned = once(process, 'warning');
    try {
      expect((await act(compared(refusing()), ada())).did).toBe('success');
      await settled();
      expect(await warned).toMatchObject([{ code: 'ENTRA_GUARD_SUBSCRIBER' }]);
    } finally {
      unsubscribe(eventChannelName('comparison'), thrower);
    }
  });

  it('gets no claims of an unverified token', async () => {
    const stranger = entra.wrong.issuer();
    await act(compared({ validate: async () => ({}) }), stranger);
    await settled();
    expect(events).toHaveLength(1);
    expect(JSON.stringify(events[0]?.entraGuard)).not.toContain(String(stranger.claims.iss));
  });
});
