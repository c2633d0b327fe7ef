import { channel } from 'node:diagnostics_channel';
import {
  type ApprovalEvent,
  ConfigurationError,
  type DecisionEvent,
  type ErrorCode,
  eventChannelName,
  type KeyEvent,
  type ObserveOptions,
  observe,
  publishEvent,
  type RevocationEvent,
  type WithoutType,
} from '@entra-guard/core';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { STATUS_OF } from '../../src/base/code-status.js';
import { processFailuresDuring } from '../process-failures.js';

afterEach(() => {
  vi.restoreAllMocks();
});

const decide = (facts: Partial<DecisionEvent>) =>
  publishEvent('decision', () => ({ v: 1, time: 0, outcome: 'allow', reasons: [], ...facts }));
const keys = (facts: Partial<KeyEvent> & Pick<KeyEvent, 'change'>) =>
  publishEvent(
    'keys',
    () =>
      ({
        v: 1,
        time: 0,
        document: 'keys',
        url: 'https://login.example/keys',
        ...facts,
      }) as WithoutType<KeyEvent>,
  );
const revocation = (facts: object) =>
  publishEvent('revocation', () => ({ v: 1, time: 0, id: 'x', ...facts }) as WithoutType<RevocationEvent>);
/** What a release of the future, or anything else in the process, puts on a channel. */
const foreign = (type: string, message: unknown) => channel(`entra-guard:${type}`).publish(message);

function logged(options: Omit<ObserveOptions, 'logger'> = {}) {
  const lines: [level: string, message: string, fields: object][] = [];
  const at = (level: string) => (fields: object, message: string) =>
    void lines.push([level, message, fields]);
  onTestFinished(observe({ logger: { info: at('info'), warn: at('warn'), error: at('error') }, ...options }));
  return lines;
}

function counted() {
  const counts: Record<string, number> = {};
  const meter = {
    createCounter: (name: string) => ({
      add(value: number, attributes: object) {
        const key = `${name} ${JSON.stringify(attributes)}`;
        counts[key] = (counts[key] ?? 0) + value;
      },
    }),
  };
  onTestFinished(observe({ meter }));
  return counts;
}

const approval = (change: ApprovalEvent['change']) =>
  publishEvent('approval', () => ({ v: 1, time: 0, id: 'x', change }) as WithoutType<ApprovalEvent>);

describe('a logger', () => {
  it.each(Object.entries(STATUS_OF) as [ErrorCode, number][])(
    'gets a denial with %s (%i) at the level of who is at fault',
    (code, status) => {
      const lines = logged();
      decide({ outcome: 'deny', code, handler: 'GET /orders' });
      const level = status >= 500 ? 'error' : 'warn';
      expect(lines).toMatchObject([
        [level, `entra-guard: deny ${code} at GET /orders`, { decision: { code } }],
      ]);
    },
  );

  it('gets a denial without a code as an error: the code of the application threw', () => {
    const lines = logged();
    decide({ outcome: 'deny' });
    expect(lines).toMatchObject([['error', 'entra-guard: deny', {}]]);
  });

  it.each(['a_code_of_later', 'toString'])(
    'gets %s, which this release does not know, as a denial',
    (code) => {
      const lines = logged();
      decide({ outcome: 'deny', code: code as ErrorCode });
      expect(lines).toMatchObject([['warn', `entra-guard: deny ${code}`, {}]]);
    },
  );

  it.each<[string, Partial<KeyEvent> & Pick<KeyEvent, 'change'>]>([
    ['info', { change: 'refreshed', why: 'age' }],
    ['warn', { change: 'stale' }],
    ['warn', { change: 'failed', trustedUntil: 1 }],
    ['error', { change: 'failed', trustedUntil: undefined }],
    ['info', { change: 'removed', why: 'unpublished' }],
    ['warn', { change: 'removed', why: 'replaced' }],
    ['error', { change: 'removed', why: 'expired' }],
  ])('gets as %s that keys are %j', (level, event) => {
    const lines = logged();
    keys(event);
    expect(lines).toMatchObject([[level, `entra-guard: keys ${event.change}`, { keys: event }]]);
  });

  it('gets what a requirement on trial would refuse, even where allowed decisions are left out', () => {
    const lines = logged({ allowed: false });
    decide({});
    decide({
      handler: 'GET /orders',
      trial: { requirement: "scopes('B')", code: 'scope_missing', missing: ['scope B'] },
    });
    expect(lines.map(([level, message]) => [level, message])).toEqual([
      ['info', 'entra-guard: allow, on trial deny scope_missing at GET /orders'],
    ]);
  });

  it('gets an event of another type or version as it is, in no field of its own', () => {
    const lines = logged();
    const later = { v: 2, type: 'decision', time: 0 };
    publishEvent('test-unheard-of' as 'keys', () => ({ v: 1, time: 0 }) as never);
    foreign('decision', later);
    foreign('keys', { v: '1', type: 'keys' });
    expect(lines).toEqual([
      ['info', 'entra-guard: test-unheard-of event', { event: { v: 1, type: 'test-unheard-of', time: 0 } }],
      ['warn', 'entra-guard: decision event of another version', { event: later }],
      ['warn', 'entra-guard: keys event of another version', { event: { v: '1', type: 'keys' } }],
    ]);
  });
});

it('a logger gets each change of revocations', () => {
  const lines = logged();
  revocation({ change: 'lifted' });
  expect(lines).toMatchObject([['info', 'entra-guard: revocation lifted', { revocation: { id: 'x' } }]]);
});

it('a logger is told as an error that revocations are not current, and which answer holds', () => {
  const lines = logged();
  revocation({ change: 'stale', whenStale: 'accept' });
  revocation({ change: 'fresh' });
  expect(lines.map(([level, message]) => `${level} ${message}`)).toEqual([
    'error entra-guard: revocations stale, accept',
    'info entra-guard: revocations fresh',
  ]);
});

describe('a meter', () => {
  it('counts what is not understood, and nothing else of it', () => {
    const counts = counted();
    foreign('decision', { v: 2, type: 'decision', outcome: 'allow' });
    for (const junk of [null, undefined, 'text', 7, {}, { type: 7 }, []]) foreign('decision', junk);
    expect(counts).toEqual({
      'entra_guard.events.unread {"entra_guard.event.type":"decision"}': 1,
      'entra_guard.events.unread {"entra_guard.event.type":"unknown"}': 7,
    });
  });

  it('tells fifty types apart, and no more', () => {
    const counts = counted();
    for (let index = 0; index < 60; index++) foreign('decision', { v: 1, type: `type-${index}` });
    foreign('decision', { v: 1, type: 'type-0' });
    expect(Object.keys(counts)).toHaveLength(51);
    expect(counts['entra_guard.events.unread {"entra_guard.event.type":"other"}']).toBe(10);
    expect(counts['entra_guard.events.unread {"entra_guard.event.type":"type-0"}']).toBe(2);
  });

  it('counts what happens to revocations, and measures how late they are applied', () => {
    const lags: number[] = [];
    const counts: string[] = [];
    const meter = {
      createCounter: (name: string) => ({
        add: (_: number, attributes: object) => void counts.push(`${name} ${JSON.stringify(attributes)}`),
      }),
      createHistogram: (name: string, options: object) => {
        expect([name, options]).toMatchObject(['entra_guard.revocation.lag', { unit: 'ms' }]);
        return { record: (value: number) => void lags.push(value) };
      },
    };
    onTestFinished(observe({ meter }));
    revocation({ change: 'revoked' });
    revocation({ change: 'applied', lagMs: 12 });
    expect(counts).toEqual(
      ['revoked', 'applied'].map(
        (change) => `entra_guard.revocation.changes {"entra_guard.revocation.change":"${change}"}`,
      ),
    );
    expect(lags).toEqual([12]);
    const withoutHistogram = counted();
    revocation({ change: 'applied', lagMs: 12 });
    expect(Object.values(withoutHistogram)).toEqual([1]);
  });

  it('counts what happens to keys, by change, document and why', () => {
    const counts = counted();
    keys({ change: 'stale' });
    keys({ change: 'removed', why: 'replaced' });
    expect(counts).toEqual({
      'entra_guard.keys.changes {"entra_guard.keys.change":"stale","entra_guard.keys.document":"keys"}': 1,
      'entra_guard.keys.changes {"entra_guard.keys.change":"removed","entra_guard.keys.document":"keys","entra_guard.keys.why":"replaced"}': 1,
    });
  });

  it('without counters is an error at once, and leaves no listener', () => {
    const meter = {
      createCounter: () => {
        throw new Error('no counters');
      },
    };
    const fail = () => {};
    expect(() => observe({ logger: { info: fail, warn: fail, error: fail }, meter })).toThrow('no counters');
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(false);
  });
});

it('a tracer hears of decisions only, and skips those of another version', () => {
  const written: unknown[] = [];
  const span = { setAttributes: (attributes: object) => written.push(attributes) };
  const stop = observe({ tracer: { getActiveSpan: () => span } });
  expect(channel(eventChannelName('keys')).hasSubscribers).toBe(false);
  foreign('decision', { v: 2, type: 'decision' });
  foreign('decision', { v: 1, type: 'keys' });
  decide({});
  stop();
  stop();
  decide({});
  expect(written).toEqual([{ 'entra_guard.outcome': 'allow' }]);
});

describe('a part that fails', () => {
  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('disk full');
      },
    ],
    ['rejects', (() => Promise.reject(new Error('disk full'))) as () => void],
  ])(
    'because it %s, ends no process, is told of once, and keeps no other part from working',
    async (_, fail) => {
      const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {});
      const written: unknown[] = [];
      const span = { setAttributes: (attributes: object) => written.push(attributes) };
      const failures = await processFailuresDuring(async () => {
        const stop = observe({
          logger: { info: fail, warn: fail, error: fail },
          tracer: { getActiveSpan: () => span },
        });
        for (let index = 0; index < 3; index++) decide({});
        stop();
      });
      expect(failures).toEqual([]);
      expect(written).toHaveLength(3);
      expect(warn.mock.calls).toEqual([
        [
          'observe(): logger failed and loses events: Error: disk full',
          { type: 'EntraGuardWarning', code: 'ENTRA_GUARD_AUDIT' },
        ],
      ]);
    },
  );
});

describe('observe() refuses', () => {
  const line = () => {};
  const logger = { info: line, warn: line, error: line };
  const meter = { createCounter: () => ({ add: line }) };
  const tracer = { getActiveSpan: () => undefined };

  it.each<[string, unknown, string]>([
    [
      'nothing to observe with',
      {},
      'observe() was given no logger, meter or tracer. Pass at least one: observe({ logger',
    ],
    ['parts that are undefined', { logger: undefined }, 'observe() was given no logger, meter or tracer.'],
    ['no options', undefined, 'observe() was given undefined instead of options.'],
    [
      'an option that there is not',
      { loger: logger },
      "There is no option of observe() called 'loger'. Did you mean 'logger'?",
    ],
    [
      'a logger that can only inform',
      { logger: { info: line } },
      'observe(): logger is an object without the method warn.',
    ],
    ['no logger', { logger: null }, 'observe(): logger is null without the method info.'],
    [
      'a meter provider',
      { meter: { getMeter: line } },
      'observe(): meter is an object without the method createCounter.',
    ],
    ['a tracer of trace', { tracer: { startSpan: line } }, 'Pass `trace` of @opentelemetry/api itself'],
    [
      'allowed without a logger',
      { meter, allowed: false },
      'observe() was given allowed without a logger, which it is about.',
    ],
    ['handlers without a meter', { logger, handlers: 7 }, 'observe() was given handlers without a meter'],
    ['a user without a tracer', { logger, user: true }, 'observe() was given user without a tracer'],
    [
      'allowed that is a word',
      { logger, allowed: 'false' },
      'observe(): allowed is false. Pass true or false.',
    ],
    ['a user that is a word', { tracer, user: 'yes' }, 'observe(): user is yes.'],
    ['a tenant that is a number', { tracer, tenant: 1 }, 'observe(): tenant is 1.'],
    ['a client that is null', { tracer, client: null }, 'observe(): client is null.'],
    ...[-1, 1.5, 1001, Number.NaN, '200', null].map((handlers): [string, unknown, string] => [
      `${handlers} handlers`,
      { meter, handlers },
      `observe(): handlers is ${handlers}. Pass a whole number from 0 to 1000`,
    ]),
  ])('%s', (_, options, message) => {
    const observing = () => observe(options as ObserveOptions);
    expect(observing).toThrow(ConfigurationError);
    expect(observing).toThrow(message);
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(false);
  });

  it('what only a polluted prototype has', () => {
    Object.defineProperty(Object.prototype, 'logger', { value: logger, configurable: true });
    onTestFinished(() => void Reflect.deleteProperty(Object.prototype, 'logger'));
    expect(() => observe({})).toThrow('observe() was given no logger, meter or tracer.');
  });
});

it.each(['requested', 'given', 'denied', 'used'] as const)(
  'an approval that is %s is logged and counted',
  (change) => {
    const lines = logged();
    const counts = counted();
    approval(change);
    expect(lines).toMatchObject([
      ['info', `entra-guard: approval ${change}`, { approval: { id: 'x', change } }],
    ]);
    expect(counts).toEqual({
      [`entra_guard.approval.changes {"entra_guard.approval.change":"${change}"}`]: 1,
    });
  },
);
