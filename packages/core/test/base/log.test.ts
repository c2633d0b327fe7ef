import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { NOW } from '../../../../test/support/forger.js';
import { limitedLog } from '../../src/base/log.js';
import { consoleLog, type LogEntry } from '../../src/index.js';
import { processFailuresDuring } from '../process-failures.js';

const entry: LogEntry = {
  level: 'warn',
  event: 'refused',
  code: 'token_expired',
  message: 'too late',
  handler: 'GET /orders',
};

describe('a million bad tokens cannot fill the disk', () => {
  function limited(): { log: (entry: LogEntry) => void; written: LogEntry[]; clock: { now: number } } {
    const written: LogEntry[] = [];
    const clock = { now: NOW };
    return {
      log: limitedLog(
        (one) => written.push(one),
        () => clock.now,
      ),
      written,
      clock,
    };
  }

  it('five entries of a kind are written in a minute, the rest are counted', () => {
    const { log, written, clock } = limited();
    for (let sent = 0; sent < 1000; sent++) log(entry);
    expect(written).toEqual(Array(5).fill(entry));
    clock.now += 59_999;
    log(entry);
    expect(written).toHaveLength(5);
    clock.now += 1;
    log(entry);
    expect(written[5]).toEqual({ ...entry, suppressed: 996 });
    log(entry);
    expect(written[6]).toEqual(entry);
  });

  it('the count goes on where a window ends in silence', () => {
    const { log, written, clock } = limited();
    for (let sent = 0; sent < 7; sent++) log(entry);
    clock.now += 3_600_000;
    log(entry);
    expect(written.at(-1)).toEqual({ ...entry, suppressed: 2 });
  });

  it.each<[string, Partial<LogEntry>]>([
    ['another code', { code: 'audience_not_accepted' }],
    ['another handler', { handler: 'GET /invoices' }],
    ['another event', { event: 'keys' }],
  ])('%s is another kind', (_, changes) => {
    const { log, written } = limited();
    for (let sent = 0; sent < 10; sent++) log(entry);
    log({ ...entry, ...changes });
    expect(written).toHaveLength(6);
  });

  it('another message is not: the sender of the tokens chooses it', () => {
    const { log, written } = limited();
    for (let sent = 0; sent < 1000; sent++)
      log({ ...entry, message: `Token refused by its issuer: found "${sent}"` });
    expect(written).toHaveLength(5);
  });

  it('a clock that is set back does not silence the log', () => {
    const { log, written, clock } = limited();
    for (let sent = 0; sent < 6; sent++) log(entry);
    clock.now -= 3_600_000;
    log(entry);
    expect(written).toHaveLength(6);
  });

  it('the count is whole where both limits leave entries out', () => {
    const { log, written, clock } = limited();
    for (let sent = 0; sent < 50; sent++) log({ ...entry, handler: `GET /${sent % 10}` });
    for (let sent = 0; sent < 7; sent++) log(entry);
    expect(written).toHaveLength(50);
    clock.now += 60_000;
    log(entry);
    expect(written.at(-1)).toEqual({ ...entry, suppressed: 7 });
  });

  it('a kind is known again after others, until there have been five hundred', () => {
    const { log, written } = limited();
    const orders = { ...entry, code: 'audience_not_accepted' } as const;
    const fromOrders = (): number => written.filter(({ code }) => code === orders.code).length;
    const others = (from: number, to: number): void => {
      for (let path = from; path < to; path++) log({ ...entry, handler: `GET /${path}` });
    };
    for (let sent = 0; sent < 6; sent++) log(orders);
    expect(fromOrders()).toBe(5);
    others(0, 499);
    log(orders);
    expect(fromOrders()).toBe(5);
    // Made-up paths can't fill the memory either: the counts begin anew.
    others(499, 500);
    log(orders);
    expect(fromOrders()).toBe(6);
  });

  it('nor by asking for as many paths, where a host names its handlers after them', () => {
    const { log, written, clock } = limited();
    for (let path = 0; path < 1200; path++) log({ ...entry, handler: `GET /${path}` });
    expect(written).toHaveLength(50);
    clock.now += 60_000;
    log({ ...entry, handler: 'GET /1200' });
    expect(written[50]).toMatchObject({ handler: 'GET /1200', suppressed: 1150 });
  });
});

describe('an entry is one line', () => {
  it.each(['message', 'hint', 'handler'] as const)('whatever came from outside into its %s', (part) => {
    const written: LogEntry[] = [];
    limitedLog(
      (one) => written.push(one),
      () => NOW,
    )({ ...entry, [part]: 'x\r\nall is well \u001b[2J\u202e' });
    expect(written[0]?.[part]).toBe('x\\u000d\\u000aall is well \\u001b[2J\\u202e');
  });
});

describe('a broken log decides about nothing', () => {
  it('what it throws is ignored', () => {
    const log = limitedLog(
      () => {
        throw new Error('disk full');
      },
      () => NOW,
    );
    expect(() => log(entry)).not.toThrow();
  });

  it('what it rejects with does not end the process', async () => {
    const log = limitedLog(
      async () => {
        throw new Error('log server down');
      },
      () => NOW,
    );
    expect(await processFailuresDuring(async () => log(entry))).toEqual([]);
  });

  it('false is none', () => {
    expect(() => limitedLog(false, () => NOW)(entry)).not.toThrow();
  });
});

describe('on the console', () => {
  const lines: string[][] = [];
  beforeEach(() => {
    lines.length = 0;
    for (const level of ['info', 'warn', 'error'] as const) {
      vi.spyOn(console, level).mockImplementation(
        (...said: unknown[]) => void lines.push([level, ...said.map(String)]),
      );
    }
  });
  afterEach(() => vi.restoreAllMocks());

  it('a warning is one line with place, hint and owner', () => {
    consoleLog({
      ...entry,
      hint: 'Set the clock.',
      suppressed: 12,
      owner: 'Orders (orders@contoso.example)',
    });
    expect(lines).toEqual([
      [
        'warn',
        'entra-guard: too late (and 12 more like it) | at GET /orders | Set the clock. | owner: Orders (orders@contoso.example)',
      ],
    ]);
  });

  it('an error names what the application’s own code threw', () => {
    consoleLog({ level: 'error', event: 'refused', message: 'it threw', cause: 'TypeError: no such order' });
    expect(lines).toEqual([['error', 'entra-guard: it threw | cause: TypeError: no such order']]);
  });

  it('an error is an error, and what is unknown is left out', () => {
    consoleLog({ level: 'error', event: 'keys', message: 'Entra does not answer' });
    expect(lines).toEqual([['error', 'entra-guard: Entra does not answer']]);
  });

  it('information is not written', () => {
    consoleLog({ level: 'info', event: 'keys', message: 'Keys are fresh' });
    expect(lines).toEqual([]);
  });
});
