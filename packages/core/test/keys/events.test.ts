import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createValidator, type KeyEvent, onEvent, type Validator } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { KEY, NOW, type TestKey, tenantPages } from '../../../../test/support/forger.js';
import { outcomeOf } from '../../../../test/support/outcome.js';
import { DAY, HOUR, KEYS, METADATA, NEXT, TenantStage } from '../../../../test/support/tenant-stage.js';

let stage: TenantStage;
let events: KeyEvent[];
let validator: Validator;
let stop: () => void;

beforeEach(() => {
  stage = new TenantStage();
  validator = createValidator(stage.options({ log: false }));
  events = [];
  stop = onEvent((event) => events.push(event), { types: ['keys'] });
});

afterEach(() => {
  stop();
  validator.close();
});

const outcome = (key?: TestKey): Promise<string> => outcomeOf(validator, stage.token(key));
/** The events about the key set, without what they have in common. */
function ofKeys(): unknown[] {
  const told = events.filter((event) => event.document === 'keys');
  events = [];
  return told.map(({ v, type, time, url, document, ...rest }) => rest);
}

describe('what happens to keys is published', () => {
  it('a first reading, of each document, with the keys that came', async () => {
    await outcome();
    expect(events).toEqual([
      {
        v: 1,
        type: 'keys',
        change: 'refreshed',
        document: 'metadata',
        url: METADATA,
        time: NOW,
        why: 'first',
        keyIds: [],
        added: [],
      },
      {
        v: 1,
        type: 'keys',
        change: 'refreshed',
        document: 'keys',
        url: KEYS,
        time: NOW,
        why: 'first',
        keyIds: [KEY.kid],
        added: [KEY.kid],
      },
    ]);
  });

  it('a rotation: which key came, and which is trusted no more', async () => {
    await outcome();
    stage.publish(KEY, NEXT);
    ofKeys();
    expect(await outcome(NEXT)).toBe('accepted');
    expect(ofKeys()).toEqual([
      { change: 'refreshed', why: 'unknown_key', keyIds: [KEY.kid, NEXT.kid], added: [NEXT.kid] },
    ]);
    stage.publish(NEXT);
    stage.now += 2 * HOUR;
    await outcome(NEXT);
    expect(ofKeys()).toEqual([
      { change: 'refreshed', why: 'age', keyIds: [NEXT.kid], added: [] },
      { change: 'removed', why: 'unpublished', keyIds: [KEY.kid] },
    ]);
  });

  it('another key under the same ID', async () => {
    await outcome();
    const impostor = { ...NEXT, kid: KEY.kid, jwk: { ...NEXT.jwk, kid: KEY.kid } };
    stage.publish(impostor);
    stage.now += 2 * HOUR;
    ofKeys();
    await outcome(impostor);
    expect(ofKeys()).toEqual([
      { change: 'refreshed', why: 'age', keyIds: [KEY.kid], added: [KEY.kid] },
      { change: 'removed', why: 'replaced', keyIds: [KEY.kid] },
    ]);
  });

  it('an outage: each failure, once that the copy is stale, and once that it has expired', async () => {
    await outcome();
    stage.fail();
    ofKeys();
    stage.now += HOUR;
    for (let round = 0; round < 2; round++) {
      expect(await outcome()).toBe('accepted');
      await expect.poll(() => validator.state().sources[1]?.retryAt).toBeGreaterThan(stage.now);
      stage.now += 60_000;
    }
    const failed = {
      change: 'failed',
      why: 'age',
      reason: 'status 503',
      status: 503,
      retryAt: expect.any(Number),
      trustedUntil: NOW + DAY,
    };
    const stale = { change: 'stale', fetchedAt: NOW, trustedUntil: NOW + DAY, reason: 'status 503' };
    expect(ofKeys()).toEqual([failed, stale, failed]);
    stage.now = NOW + DAY;
    for (let round = 0; round < 2; round++) expect(await outcome()).toBe('keys_unavailable');
    // The metadata has expired too, so the key set is not even asked for: state() looks at it.
    expect(validator.state().keyIds).toEqual([]);
    expect(validator.state().keyIds).toEqual([]);
    expect(ofKeys()).toEqual([{ change: 'removed', why: 'expired', keyIds: [KEY.kid] }]);
    for (const [url, page] of Object.entries(tenantPages())) stage.docs.pages.set(url, page);
    stage.now += 60_000;
    expect(await outcome()).toBe('accepted');
    expect(ofKeys()).toEqual([{ change: 'refreshed', why: 'age', keyIds: [KEY.kid], added: [] }]);
  });

  it('a failure at the start, with nothing to serve', async () => {
    stage.fail();
    expect(await outcome()).toBe('keys_unavailable');
    expect(events).toEqual([
      {
        v: 1,
        type: 'keys',
        change: 'failed',
        document: 'metadata',
        url: METADATA,
        time: NOW,
        why: 'first',
        reason: 'status 503',
        status: 503,
        retryAt: expect.any(Number),
        trustedUntil: undefined,
      },
    ]);
  });

  it('on the channel entra-guard:keys, frozen', async () => {
    const received: unknown[] = [];
    const listener = (message: unknown): void => {
      received.push(message);
    };
    subscribe('entra-guard:keys', listener);
    await outcome();
    unsubscribe('entra-guard:keys', listener);
    expect(received).toHaveLength(2);
    expect(received.every((event) => Object.isFrozen(event))).toBe(true);
  });

  it('a listener that throws decides about nothing, and one that has ended hears nothing', async () => {
    stop();
    const end = onEvent(
      () => {
        throw new Error('broken');
      },
      { types: ['keys'] },
    );
    expect(await outcome()).toBe('accepted');
    end();
    expect(events).toEqual([]);
  });
});
