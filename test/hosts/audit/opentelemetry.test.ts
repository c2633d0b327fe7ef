import { channel } from 'node:diagnostics_channel';
import {
  type Anonymous,
  anonymous,
  appPermissions,
  type DecisionEvent,
  type ErrorCode,
  eventChannelName,
  type Grant,
  type ObserveOptions,
  observe,
  publishEvent,
  type Trial,
  type Who,
} from '@entra-guard/core';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { guarded, holdsToken, ordersRead, stepUp } from './guarded.js';

const publish = (event: Partial<DecisionEvent>) =>
  publishEvent('decision', () => ({ v: 1, time: 0, outcome: 'allow', reasons: [], ...event }));

describe('observe({ meter })', () => {
  function counted(options?: Omit<ObserveOptions, 'meter'>) {
    const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
    const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 2 ** 30 });
    const provider = new MeterProvider({ readers: [reader] });
    const stop = observe({ meter: provider.getMeter('test'), ...options });
    onTestFinished(async () => {
      stop();
      await provider.shutdown();
    });
    const metric = async (name = 'authorization.decisions') => {
      exporter.reset();
      await reader.forceFlush();
      const metrics = exporter.getMetrics()[0]?.scopeMetrics[0]?.metrics ?? [];
      return metrics.find(({ descriptor }) => descriptor.name === `entra_guard.${name}`);
    };
    /** The attributes of each series without `entra_guard.`, which most of them begin with. */
    const series = async (name?: string): Promise<Record<string, unknown>[]> =>
      ((await metric(name))?.dataPoints ?? []).map(({ attributes, value }) => ({
        ...Object.fromEntries(
          Object.entries(attributes).map(([key, given]) => [key.replace(/^entra_guard\./, ''), given]),
        ),
        value,
      }));
    return { stop, metric, series };
  }

  it('counts by outcome, code, kind and handler', async () => {
    const { metric, series } = counted();
    const { entra, call } = await guarded();
    const headers = entra.user('ada', { scp: 'Orders.Read', xms_cc: ['cp1'] }).headers;
    await call({ headers });
    await call({ headers });
    await call({ headers, requirement: stepUp });
    await call({
      headers: entra.app('job', { roles: ['Orders.Write.All'] }).headers,
      requirement: appPermissions('Orders.Write.All'),
      handler: 'POST /orders',
    });
    await call({ headers: entra.wrong.stranger().headers });
    await call({ requirement: anonymous(), handler: 'GET /health' });
    const handler = 'GET /orders';
    expect(await series()).toEqual([
      { outcome: 'allow', kind: 'user', handler, value: 2 },
      { outcome: 'deny', code: 'step_up_required', kind: 'user', handler, value: 1 },
      { outcome: 'allow', kind: 'app', handler: 'POST /orders', value: 1 },
      { outcome: 'deny', code: 'signature_invalid', handler, value: 1 },
      { outcome: 'allow', handler: 'GET /health', value: 1 },
    ]);
    expect((await metric())?.descriptor).toMatchObject({
      name: 'entra_guard.authorization.decisions',
      unit: '{decision}',
    });
  });

  it('counts unavailable keys', async () => {
    const { series } = counted();
    const { entra, call } = await guarded();
    onTestFinished(entra.fail('keys', 503));
    await call({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers });
    expect(await series()).toEqual([
      {
        outcome: 'deny',
        code: 'keys_unavailable',
        'error.type': 'keys_unavailable',
        handler: 'GET /orders',
        value: 1,
      },
    ]);
  });

  it('counts what has no code as an error of the API', async () => {
    const { series } = counted();
    publish({ outcome: 'deny' });
    expect(await series()).toEqual([{ outcome: 'deny', 'error.type': '_OTHER', value: 1 }]);
  });

  it('counts what a requirement on trial would have refused, by code and handler', async () => {
    const { series } = counted({ handlers: 1 });
    const trial: Trial = { requirement: "scopes('B')", code: 'scope_missing', missing: ['scope B'] };
    for (const handler of ['GET /orders', 'GET /orders', 'GET /else']) publish({ handler, trial });
    publish({ handler: 'GET /orders' });
    publish({ trial: { ...trial, code: 'role_missing' } });
    expect(await series('authorization.trial_denials')).toEqual([
      { code: 'scope_missing', handler: 'GET /orders', value: 2 },
      { code: 'scope_missing', handler: 'other', value: 1 },
      { code: 'role_missing', value: 1 },
    ]);
    expect(await series()).toEqual([
      { outcome: 'allow', handler: 'GET /orders', value: 3 },
      { outcome: 'allow', handler: 'other', value: 1 },
      { outcome: 'allow', value: 1 },
    ]);
  });

  it('counts what happens to keys, and never by their URL', async () => {
    const { series } = counted();
    const { entra, call } = await guarded();
    const { headers } = entra.user('ada', { scp: 'Orders.Read' });
    const answers = entra.fail('keys', 503);
    await call({ headers });
    answers();
    expect(await series('keys.changes')).toEqual([
      { 'keys.change': 'refreshed', 'keys.document': 'metadata', 'keys.why': 'first', value: 1 },
      { 'keys.change': 'failed', 'keys.document': 'keys', 'keys.why': 'first', value: 1 },
    ]);
  });

  it('tells 200 handlers apart, and no more', async () => {
    const { series } = counted();
    const { call } = await guarded();
    for (let index = 0; index < 1000; index++)
      await call({ requirement: anonymous(), handler: `GET /${index}` });
    const found = await series();
    expect(found).toHaveLength(201);
    expect(found.at(-1)).toEqual({ outcome: 'allow', handler: 'other', value: 800 });
  });

  it('tells as many handlers apart as asked', async () => {
    const { series } = counted({ handlers: 0 });
    for (let index = 0; index < 10; index++) publish({ handler: `GET /${index}` });
    publish({});
    expect(await series()).toEqual([
      { outcome: 'allow', handler: 'other', value: 10 },
      { outcome: 'allow', value: 1 },
    ]);
  });

  it('stays below the limit at which the SDK drops all attributes', async () => {
    const { series } = counted({ handlers: 1000 });
    const codes: ErrorCode[] = [
      'credentials_missing',
      'token_expired',
      'signature_invalid',
      'keys_unavailable',
    ];
    for (let index = 0; index < 1000; index++) {
      for (const code of codes) publish({ outcome: 'deny', code, handler: `GET /${index}` });
    }
    // What is told apart once stays so.
    publish({ outcome: 'deny', code: 'token_expired', handler: 'GET /0' });
    const found = await series();
    const first = { outcome: 'deny', code: 'token_expired', handler: 'GET /0' };
    expect(found).toContainEqual({ ...first, value: 2 });
    // 1500 that are told apart, and one for the other handlers of each code.
    expect(found).toHaveLength(1500 + codes.length);
    expect(found.some((point) => 'otel.metric.overflow' in point)).toBe(false);
    for (const code of codes) {
      const ofCode = found.filter((point) => point.code === code);
      const all = code === 'token_expired' ? 1001 : 1000;
      expect(ofCode.reduce((sum, { value }) => sum + Number(value), 0)).toBe(all);
    }
  });

  it('stays below it whoever calls', async () => {
    const { series } = counted({ handlers: 1000 });
    for (let index = 0; index < 1000; index++) {
      const handler = `GET /${index}`;
      publish({ handler });
      for (const kind of ['user', 'app'] as const) publish({ handler, who: { kind } as Who });
    }
    const found = await series();
    expect(found).toHaveLength(1500 + 3);
    expect(found.some((point) => 'otel.metric.overflow' in point)).toBe(false);
  });

  it('goes on to tell a handler apart, however many others come', async () => {
    const { series } = counted({ handlers: 1 });
    for (const handler of ['GET /orders', 'GET /a', 'GET /orders', 'GET /b']) publish({ handler });
    expect(await series()).toEqual([
      { outcome: 'allow', handler: 'GET /orders', value: 2 },
      { outcome: 'allow', handler: 'other', value: 2 },
    ]);
  });

  it('hands a meter no attribute without a value', () => {
    const added: unknown[] = [];
    const meter = {
      createCounter: () => ({ add: (_: number, attributes: object) => void added.push(attributes) }),
    };
    onTestFinished(observe({ meter }));
    publish({});
    publish({ outcome: 'deny', code: 'token_expired', handler: 'GET /orders' });
    expect(added).toStrictEqual([
      { 'entra_guard.outcome': 'allow' },
      {
        'entra_guard.outcome': 'deny',
        'entra_guard.code': 'token_expired',
        'entra_guard.handler': 'GET /orders',
      },
    ]);
  });

  it('has no attribute that a caller chooses', async () => {
    const { series } = counted();
    const { entra, call } = await guarded({ auditClaims: ['oid', 'tid', 'azp'] });
    for (const name of ['ada', 'bob', 'cy']) {
      await call({ headers: entra.user(name, { scp: 'Orders.Read' }).headers });
      await call({ headers: entra.wrong.stranger({ oid: name, tid: name }).headers });
      await call({ headers: { traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01' } });
    }
    expect(await series()).toHaveLength(3);
  });

  it('ends when told to', async () => {
    const { stop, series } = counted();
    publish({});
    stop();
    publish({});
    expect(await series()).toEqual([{ outcome: 'allow', value: 1 }]);
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(false);
  });
});

describe('observe({ tracer })', () => {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  const tracer = provider.getTracer('test');

  beforeAll(() => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  });
  afterAll(async () => {
    context.disable();
    await provider.shutdown();
  });

  /** The attributes of a span in which something is done. */
  async function spanOf(work: () => Promise<unknown>) {
    const span = tracer.startSpan('request');
    await context.with(trace.setSpan(context.active(), span), work);
    span.end();
    const found = exporter
      .getFinishedSpans()
      .find((one) => one.spanContext().spanId === span.spanContext().spanId);
    return found?.attributes;
  }

  it('writes the decision on the span of the request', async () => {
    onTestFinished(observe({ tracer: trace }));
    const { entra, call } = await guarded();
    const headers = entra.user('ada', { scp: 'Orders.Read' }).headers;
    expect(await spanOf(() => call({ headers }))).toEqual({
      'entra_guard.outcome': 'allow',
      'entra_guard.kind': 'user',
      'entra_guard.handler': 'GET /orders',
      'entra_guard.requirement': ordersRead.toString(),
      'entra_guard.reasons': ['sales works with orders'],
    });
  });

  it.each([
    ['a missing scope', 'scope_missing', 'user'],
    ['a step-up', 'step_up_required', 'user'],
    ['a forged token', 'signature_invalid', undefined],
    ['unavailable keys', 'keys_unavailable', undefined],
  ])('writes the code of %s', async (_, code, kind) => {
    onTestFinished(observe({ tracer: trace }));
    const { entra, call } = await guarded();
    const user = (scp: string) => entra.user('ada', { scp, xms_cc: ['cp1'] }).headers;
    if (code === 'keys_unavailable') onTestFinished(entra.fail('keys', 503));
    const headers = {
      scope_missing: user('Profile.Read'),
      step_up_required: user('Orders.Read'),
      signature_invalid: entra.wrong.stranger().headers,
      keys_unavailable: user('Orders.Read'),
    }[code];
    const requirement = code === 'step_up_required' ? stepUp : ordersRead;
    const attributes = await spanOf(() => call({ ...(headers ? { headers } : {}), requirement }));
    expect(attributes).toMatchObject({ 'entra_guard.outcome': 'deny', 'entra_guard.code': code });
    expect(attributes?.['entra_guard.kind']).toBe(kind);
  });

  it('keeps apart requests that are decided at the same time', async () => {
    onTestFinished(observe({ tracer: trace }));
    const { entra, call } = await guarded();
    const good = entra.user('ada', { scp: 'Orders.Read' }).headers;
    const bad = entra.user('ada', { scp: 'Profile.Read' }).headers;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const handler = `GET /${index}`;
        return spanOf(() => call({ headers: index % 2 === 0 ? good : bad, handler }));
      }),
    );
    for (const [index, attributes] of outcomes.entries()) {
      expect(attributes).toMatchObject({
        'entra_guard.outcome': index % 2 === 0 ? 'allow' : 'deny',
        'entra_guard.handler': `GET /${index}`,
      });
    }
  });

  it('names nobody unless asked to', async () => {
    onTestFinished(observe({ tracer: trace }));
    const { entra, call } = await guarded();
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    const text = JSON.stringify(await spanOf(() => call({ headers: ada.headers })));
    for (const secret of [entra.tenantId, entra.objectIdOf('ada'), String(ada.claims.azp)]) {
      expect(text).not.toContain(secret);
    }
    expect(holdsToken(text, ada.token)).toBe(false);
  });

  it('names a verified user, tenant and client when asked to', async () => {
    onTestFinished(observe({ tracer: trace, user: true, tenant: true, client: true }));
    const { entra, call } = await guarded();
    const ada = entra.user('ada', { scp: 'Orders.Read' });
    expect(await spanOf(() => call({ headers: ada.headers }))).toMatchObject({
      'enduser.id': entra.objectIdOf('ada'),
      'entra_guard.tenant_id': entra.tenantId,
      'entra_guard.client_id': ada.claims.azp,
    });
  });

  it('calls no daemon an end user', async () => {
    onTestFinished(observe({ tracer: trace, user: true }));
    const { entra, call } = await guarded();
    const { headers } = entra.app('job', { roles: ['Orders.Read.All'] });
    expect(await spanOf(() => call({ headers }))).not.toHaveProperty('enduser.id');
  });

  it('never shows what an unverified token claimed', async () => {
    onTestFinished(observe({ tracer: trace, user: true, tenant: true, client: true }));
    const { entra, call } = await guarded();
    const forged = entra.wrong.stranger();
    const attributes = await spanOf(() => call({ headers: forged.headers }));
    expect(attributes).toMatchObject({ 'entra_guard.code': 'signature_invalid' });
    const text = JSON.stringify(attributes);
    for (const claim of [entra.tenantId, entra.objectIdOf('ada'), String(forged.claims.azp)]) {
      expect(text).not.toContain(claim);
    }
  });

  it('lets a denial stay', async () => {
    onTestFinished(observe({ tracer: trace }));
    const { call } = await guarded();
    const attributes = await spanOf(async () => {
      await call({ requirement: anonymous() });
      await call();
      await call({ requirement: anonymous() });
    });
    expect(attributes).toMatchObject({
      'entra_guard.outcome': 'deny',
      'entra_guard.code': 'credentials_missing',
    });
  });

  it.each<[string, (Grant | Anonymous)[]]>([
    ['allowed', [anonymous(), anonymous()]],
    ['denied', [ordersRead, stepUp]],
  ])('shows the last of two that were both %s', async (_, [first, last]) => {
    onTestFinished(observe({ tracer: trace }));
    const { call } = await guarded();
    const attributes = await spanOf(async () => {
      await call({ requirement: first as Grant, handler: 'first' });
      await call({ requirement: last as Grant, handler: 'last' });
    });
    expect(attributes).toMatchObject({
      'entra_guard.handler': 'last',
      'entra_guard.requirement': String(last),
    });
  });

  it('hands a span no attribute without a value', () => {
    const written: unknown[] = [];
    const span = { setAttributes: (attributes: object) => written.push(attributes) };
    onTestFinished(observe({ tracer: { getActiveSpan: () => span } }));
    publish({});
    const trial: Trial = { requirement: "scopes('B')", code: 'scope_missing', missing: ['scope B'] };
    publish({ trial });
    expect(written).toStrictEqual([
      { 'entra_guard.outcome': 'allow' },
      { 'entra_guard.outcome': 'allow', 'entra_guard.trial.code': 'scope_missing' },
    ]);
  });

  it('does without a span, and without a warning', async () => {
    onTestFinished(observe({ tracer: trace }));
    const warn = vi.spyOn(process, 'emitWarning');
    const { call } = await guarded();
    expect(await call({ requirement: anonymous() })).toBe('allowed');
    expect(await call()).toBe('credentials_missing');
    expect(warn).not.toHaveBeenCalled();
    warn.mockRestore();
  });

  it('ends when told to', async () => {
    const stop = observe({ tracer: trace });
    expect(channel(eventChannelName('keys')).hasSubscribers).toBe(false);
    stop();
    const { call } = await guarded();
    expect(await spanOf(() => call())).toEqual({});
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(false);
  });
});
