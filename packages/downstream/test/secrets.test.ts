import { inspect } from 'node:util';
import { type LogEntry, onEvent } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import type { DownstreamEvent } from '../src/index.js';
import { errorOf, SECRET, stage } from './stage.js';

/** Whatever a test could reach of what went on, as text. */
const text = (...values: readonly unknown[]): string =>
  values
    .map((value) => `${inspect(value, { depth: 12, showHidden: true })} ${JSON.stringify(value)}`)
    .join('\n');

describe('no token and no secret', () => {
  it('is in events, in the log, in errors and in what can be inspected', async () => {
    const events: DownstreamEvent[] = [];
    const entries: LogEntry[] = [];
    const errors: Error[] = [];
    const stop = onEvent((event) => void events.push(event), { types: ['downstream'] });
    const made = await stage();
    const guard = made.guarded({ log: (entry) => void entries.push(entry) });
    const downstream = made.downstream({ guard });
    const { apis } = downstream;
    const request = await made.accepted('ada', {}, guard);
    const api = apis.stock.forCaller(request);
    await api.json('/');
    await apis.stock.asApp().json('/');
    made.answer = () => Response.json({ access_token: 'eyJ-of-another' }, { status: 500 });
    errors.push(await errorOf(() => api.json('/')));
    for (const error_codes of [[65001], [7000215], [50013], [500133]]) {
      made.intercept = (_, init) =>
        Response.json(
          { error: 'invalid_grant', error_codes, error_description: String(init?.body) },
          { status: 400 },
        );
      const bob = await made.accepted(`bob-${error_codes}`, {}, guard);
      errors.push(await errorOf(() => apis.stock.forCaller(bob).json('/')));
    }
    made.intercept = (_, init) => {
      throw new Error(String(init?.body));
    };
    errors.push(
      await errorOf(async () => apis.stock.forCaller(await made.accepted('carol', {}, guard)).json('/')),
    );
    stop();
    expect(errors).toHaveLength(6);
    expect(events.length).toBeGreaterThan(6);
    const all = text(events, entries, errors, downstream, apis, api, await downstream.health());
    expect(all).not.toContain('eyJ');
    expect(all).not.toContain(SECRET);
    expect(all).not.toContain('client_secret');
  });
});

describe('the event of a token', () => {
  it('says who asked, for what, and from where it came', async () => {
    const events: DownstreamEvent[] = [];
    const stop = onEvent((event) => void events.push(event), { types: ['downstream'] });
    const made = await stage();
    const { apis } = made.downstream();
    const request = await made.accepted('ada');
    const auth = made.guard.authOf(request);
    for (let times = 0; times < 2; times++) await apis.stock.forCaller(request).json('/');
    await apis.stock.asApp().json('/');
    made.intercept = () => Response.json({ error: 'invalid_grant', error_codes: [65001] }, { status: 400 });
    await errorOf(async () => apis.stock.forCaller(await made.accepted('bob')).json('/'));
    stop();
    const who = { subjectKey: auth?.subjectKey, tenantId: auth?.tenantId, clientId: auth?.clientId };
    const common = { v: 1, type: 'downstream', api: 'stock', demanded: false, time: made.now() };
    expect(events).toMatchObject([
      {
        ...common,
        kind: 'caller',
        who,
        outcome: 'allow',
        source: 'exchange',
        correlationId: expect.any(String),
      },
      { ...common, kind: 'caller', who, outcome: 'allow', source: 'memory' },
      { ...common, kind: 'app', outcome: 'allow', source: 'exchange' },
      { ...common, kind: 'caller', outcome: 'deny', code: 'downstream_consent_missing', aadsts: 65001 },
    ]);
    expect(events[1]).not.toHaveProperty('correlationId');
    expect(events[2]).not.toHaveProperty('who');
  });
});
