import { channel } from 'node:diagnostics_channel';
import { allOf, check, eventChannelName, type ObserveOptions, observe, scopes } from '@entra-guard/core';
import { type Logger, pino } from 'pino';
import { pino as pino9 } from 'pino9';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { guarded, holdsToken, stepUp } from './guarded.js';

/** A logger of each supported major, and the lines it wrote. */
const majors = [
  ['9', (lines: string[]) => pino9({}, { write: (line: string) => void lines.push(line) })],
  ['10', (lines: string[]) => pino({}, { write: (line: string) => void lines.push(line) })],
] as const;

describe.each(majors)('observe({ logger }) with pino %s', (_, loggerOf) => {
  /** @param loaded whether keys are loaded ahead, so that only decisions are left to write */
  async function logged(options?: Omit<ObserveOptions, 'logger'>, loaded = true) {
    const lines: string[] = [];
    const ready = await guarded();
    if (loaded) await ready.guard.ready();
    onTestFinished(observe({ logger: loggerOf(lines), ...options }));
    return { ...ready, lines, entries: () => lines.map((line) => JSON.parse(line)) };
  }

  it('writes an allowed decision as info, with the whole event in one field', async () => {
    const { entra, call, entries } = await logged();
    await call({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers });
    expect(entries()).toEqual([
      {
        level: 30,
        time: expect.any(Number),
        pid: process.pid,
        hostname: expect.any(String),
        msg: 'entra-guard: allow at GET /orders',
        decision: {
          v: 1,
          type: 'decision',
          time: expect.any(Number),
          outcome: 'allow',
          handler: 'GET /orders',
          requirement: "scopes('Orders.Read')",
          reasons: ['sales works with orders'],
          owner: { team: 'orders', contact: 'orders@contoso.example' },
          who: {
            kind: 'user',
            tenantId: entra.tenantId,
            objectId: entra.objectIdOf('ada'),
            clientId: expect.any(String),
            subjectKey: expect.any(String),
          },
          delegation: { user: expect.any(String), client: expect.any(String) },
          token: { id: expect.any(String), issuedAt: expect.any(Number), expiresAt: expect.any(Number) },
        },
      },
    ]);
  });

  it('writes denials as warnings', async () => {
    const { entra, call, entries } = await logged();
    await call();
    await call({ headers: entra.user('ada', { scp: 'Profile.Read' }).headers });
    await call({
      headers: entra.user('ada', { scp: 'Orders.Read', xms_cc: ['cp1'] }).headers,
      requirement: stepUp,
    });
    expect(entries().map(({ level, msg }) => [level, msg])).toEqual([
      [40, 'entra-guard: deny credentials_missing at GET /orders'],
      [40, 'entra-guard: deny scope_missing at GET /orders'],
      [40, 'entra-guard: deny step_up_required at GET /orders'],
    ]);
  });

  it('writes what happens to keys, and unavailable ones as an error', async () => {
    const { entra, call, entries } = await logged({}, false);
    onTestFinished(entra.fail('keys', 503));
    await call({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers });
    expect(entries()).toMatchObject([
      {
        level: 30,
        msg: 'entra-guard: metadata refreshed',
        keys: { v: 1, type: 'keys', change: 'refreshed' },
      },
      { level: 50, msg: 'entra-guard: keys failed', keys: { change: 'failed', status: 503 } },
      { level: 50, decision: { outcome: 'deny', code: 'keys_unavailable' } },
    ]);
  });

  it('writes a check that failed as an error', async () => {
    const { entra, call, entries } = await logged();
    const failing = check('owns order', () => {
      throw new Error('database is down');
    });
    const headers = entra.user('ada', { scp: 'Orders.Read' }).headers;
    await call({ headers, requirement: allOf(scopes('Orders.Read'), failing) });
    expect(entries()).toMatchObject([{ level: 50, decision: { outcome: 'deny', code: 'check_failed' } }]);
  });

  it('leaves allowed decisions out when asked to', async () => {
    const { entra, call, entries } = await logged({ allowed: false });
    await call({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers });
    await call();
    expect(entries().map(({ decision }) => decision.outcome)).toEqual(['deny']);
  });

  it('keeps what a forged token claimed out of `who`', async () => {
    const { entra, call, entries } = await logged();
    await call({ headers: entra.wrong.stranger().headers });
    const [{ decision }] = entries();
    expect(decision.claimed.objectId).toBe(entra.objectIdOf('ada'));
    expect(decision).not.toHaveProperty('who');
  });

  it.each([
    ['a line break and a line of its own', '\n{"level":30,"msg":"entra-guard: allow"}'],
    ['an end of the string', '","outcome":"allow","x":"'],
    ['terminal escapes', '\u001b[2K\u001b[1A'],
    ['line separators and bidirectional overrides', '\u2028\u2029\u202e\u0085'],
  ])('is not led astray by a forged token that claims %s', async (_name, evil) => {
    const { entra, call, lines } = await logged();
    const claims = { iss: evil, aud: evil, tid: evil, oid: evil, azp: evil };
    await call({ headers: entra.wrong.stranger({ oid: evil, azp: evil }).headers });
    await call({ headers: entra.wrong.issuer({ ...claims }).headers });
    await call({ handler: `GET /${evil}` });
    expect(lines).toHaveLength(3);
    for (const line of lines) {
      expect(line.endsWith('\n')).toBe(true);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there.
      expect(line.slice(0, -1)).not.toMatch(/[\u0000-\u001f]/);
      const entry = JSON.parse(line);
      expect(entry.level).toBe(40);
      expect(entry.msg).toMatch(/^entra-guard: deny \w+ at GET \//);
      expect(entry.msg).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
      expect(entry.decision.outcome).toBe('deny');
      expect(JSON.stringify(entry.decision.claimed ?? {})).not.toMatch(/[\p{Cc}\p{Cf}\u2028\u2029]/u);
    }
  });

  it('never writes a token', async () => {
    const { entra, call, lines, entries } = await logged();
    const tokens = [
      entra.user('ada', { scp: 'Orders.Read' }),
      entra.user('ada', { scp: 'Profile.Read' }),
      ...entra.wrong.all.map(([, make]) => make()),
    ];
    for (const { headers } of tokens) await call({ headers });
    expect(entries().filter(({ decision }) => decision)).toHaveLength(tokens.length);
    for (const { token } of tokens) expect(holdsToken(lines.join(''), token)).toBe(false);
  });

  it('does not collide with fields of the host', async () => {
    const lines: string[] = [];
    onTestFinished(
      observe({ logger: loggerOf(lines).child({ handler: 'mine', code: 7, token: 'x' }) as Logger }),
    );
    const { call } = await guarded();
    await call();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({
      handler: 'mine',
      code: 7,
      decision: { handler: 'GET /orders' },
    });
  });

  it('ends when told to', async () => {
    const lines: string[] = [];
    const stop = observe({ logger: loggerOf(lines) });
    const { call } = await guarded();
    await call();
    stop();
    await call();
    expect(lines).toHaveLength(1);
    expect(channel(eventChannelName('decision')).hasSubscribers).toBe(false);
  });
});

describe('a logger that throws', () => {
  it('neither changes the decision nor ends the process, and is told of once', async () => {
    const uncaught = vi.fn();
    const warned = vi.fn();
    process.on('uncaughtException', uncaught).on('warning', warned);
    onTestFinished(() => void process.off('uncaughtException', uncaught).off('warning', warned));
    const broken = () => {
      throw new Error('disk full');
    };
    onTestFinished(observe({ logger: { info: broken, warn: broken, error: broken } }));
    const { entra, call } = await guarded();
    expect(await call({ headers: entra.user('ada', { scp: 'Orders.Read' }).headers })).toBe('allowed');
    expect(await call()).toBe('credentials_missing');
    await new Promise(setImmediate);
    expect(uncaught).not.toHaveBeenCalled();
    expect(warned.mock.calls.map(([warning]) => [warning.code, warning.message])).toEqual([
      ['ENTRA_GUARD_AUDIT', 'observe(): logger failed and loses events: Error: disk full'],
    ]);
  });
});
