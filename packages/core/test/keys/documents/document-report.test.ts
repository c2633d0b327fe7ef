import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { NOW } from '../../../../../test/support/forger.js';
import type { LogEntry } from '../../../src/base/log.js';
import { type KeyEvent, onEvent } from '../../../src/index.js';
import { DocumentReport } from '../../../src/keys/documents/document-report.js';

const url = 'https://login.microsoftonline.com/common/discovery/keys';
let now: number;
let log: LogEntry[];
let report: DocumentReport;

beforeEach(() => {
  now = NOW;
  log = [];
  report = new DocumentReport(
    'keys',
    url,
    () => now,
    (entry) => log.push(entry),
  );
});

/** A failed attempt, with or without a cached copy. */
function fail(reason = 'status 503', serving = true): number {
  const before = log.length;
  const copy = { fetchedAt: NOW, trustedUntil: NOW + 86_400_000, stale: true };
  const facts = { why: 'age', reason, status: 503, retryAt: now + 1000 } as const;
  report.failed({ ...facts, copy: serving ? copy : undefined });
  return log.length - before;
}

describe('an outage in the log', () => {
  it('is one entry, however many attempts fail, and one every ten minutes that it lasts', () => {
    expect(fail()).toBe(1);
    expect(log).toEqual([
      {
        level: 'error',
        event: 'keys',
        code: 'keys_unavailable',
        message: `Reading ${url} failed: status 503.`,
        hint: expect.stringContaining('last known good copy stays in use'),
      },
    ]);
    expect(fail()).toBe(0);
    now += 599_999;
    expect(fail()).toBe(0);
    now += 1;
    expect(fail()).toBe(1);
    expect(fail()).toBe(0);
  });

  it('is another entry when the reason changes, or the copy has expired', () => {
    fail();
    expect(fail('status 500')).toBe(1);
    expect(fail('status 500', false)).toBe(1);
    expect(log.at(-1)?.hint).toContain('answered 503');
    expect(fail('status 500', false)).toBe(0);
  });

  it('is another entry after the clock was set back: how long it lasts is not known', () => {
    fail();
    now -= 1;
    expect(fail()).toBe(1);
  });

  it('that is over is told of, and the next one is another', () => {
    fail();
    report.refreshed('age', [], [], 1);
    expect(log.at(-1)).toEqual({ level: 'info', event: 'keys', message: `${url} answers again.` });
    expect(fail()).toBe(1);
  });

  it('a refresh without a failure before it is not logged', () => {
    report.refreshed('first', [], [], 0);
    expect(log).toEqual([]);
  });
});

describe('events', () => {
  const key = { kid: 'a', thumbprint: 'A' };
  const heard = (): KeyEvent[] => {
    const events: KeyEvent[] = [];
    onTestFinished(onEvent((event) => events.push(event), { types: ['keys'] }));
    return events;
  };

  it('tell of a copy that was never refreshed, such as a saved one, that it is stale, and that it has expired, once', () => {
    const events = heard();
    fail();
    fail();
    report.expired([key]);
    report.expired([key]);
    expect(events.map(({ change }) => change)).toEqual(['failed', 'stale', 'failed', 'removed']);
    expect(events[3]).toEqual({
      v: 1,
      type: 'keys',
      change: 'removed',
      why: 'expired',
      keyIds: ['a'],
      time: NOW,
      document: 'keys',
      url,
    });
  });

  it('tell of no keys that are gone where there were none', () => {
    const events = heard();
    report.expired([]);
    report.refreshed('age', [], [], 0);
    expect(events.map(({ change }) => change)).toEqual(['refreshed']);
  });

  it('are not put together while there is no listener', () => {
    let read = 0;
    const watched = {
      thumbprint: 'A',
      get kid() {
        read++;
        return 'a';
      },
    };
    report.refreshed('age', [watched], [watched], 0);
    const copy = {
      fetchedAt: NOW,
      stale: true,
      get trustedUntil() {
        read++;
        return NOW;
      },
    };
    report.failed({ why: 'age', reason: 'status 503', status: 503, retryAt: NOW, copy });
    expect(read).toBe(0);
    heard();
    report.refreshed('age', [watched], [watched], 0);
    expect(read).toBeGreaterThan(0);
  });
});
