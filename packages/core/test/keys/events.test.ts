import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { createValidator, type KeyEvent, onKeys, type Validator } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  Answer,
  API,
  type Documents,
  documents,
  KEY,
  LOGIN,
  makeKey,
  NOW,
  signed,
  TENANT,
  type TestKey,
  tenantPages,
  userClaims,
  WELL_KNOWN,
} from '../../../../test/support/forger.js';
import { outcomeOf } from '../../../../test/support/outcome.js';

const METADATA = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;
const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;
const HOUR = 3_600_000;
const NEXT = makeKey('next');
const DAY = 24 * HOUR;

let now: number;
let docs: Documents;
let events: KeyEvent[];
let validator: Validator;
let stop: () => void;

beforeEach(() => {
  now = NOW;
  docs = documents(tenantPages());
  validator = createValidator({
    tenantId: TENANT,
    clientId: API,
    fetch: docs.fetch,
    now: () => now,
    log: false,
  });
  events = [];
  stop = onKeys((event) => events.push(event));
});

afterEach(() => {
  stop();
  validator.close();
});

function token(key: TestKey = KEY): string {
  const iat = Math.floor(now / 1000) - 300;
  return signed(userClaims({ iat, nbf: iat, exp: iat + 3900 }), {}, { key });
}
const outcome = (key?: TestKey): Promise<string> => outcomeOf(validator, token(key));
const publish = (...keys: TestKey[]): void => {
  docs.pages.set(KEYS, { keys: keys.map(({ jwk }) => jwk) });
};
const down = (): void => {
  for (const url of [METADATA, KEYS]) {
    docs.pages.set(url, new Answer(() => new Response('', { status: 503 })));
  }
};
/** The events about the key set, without what they have in common. */
function ofKeys(): unknown[] {
  const told = events.filter((event) => event.document === 'keys');
  events = [];
  return told.map(({ time, url, document, ...rest }) => rest);
}

describe('what happens to keys is published', () => {
  it('a first reading, of each document, with the keys that came', async () => {
    await outcome();
    expect(events).toEqual([
      {
        type: 'refreshed',
        document: 'metadata',
        url: METADATA,
        time: NOW,
        why: 'first',
        keyIds: [],
        added: [],
      },
      {
        type: 'refreshed',
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
    publish(KEY, NEXT);
    ofKeys();
    expect(await outcome(NEXT)).toBe('accepted');
    expect(ofKeys()).toEqual([
      { type: 'refreshed', why: 'unknown_key', keyIds: [KEY.kid, NEXT.kid], added: [NEXT.kid] },
    ]);
    publish(NEXT);
    now += 2 * HOUR;
    await outcome(NEXT);
    expect(ofKeys()).toEqual([
      { type: 'refreshed', why: 'age', keyIds: [NEXT.kid], added: [] },
      { type: 'removed', why: 'unpublished', keyIds: [KEY.kid] },
    ]);
  });

  it('another key under the same ID', async () => {
    await outcome();
    const impostor = { ...NEXT, kid: KEY.kid, jwk: { ...NEXT.jwk, kid: KEY.kid } };
    publish(impostor);
    now += 2 * HOUR;
    ofKeys();
    await outcome(impostor);
    expect(ofKeys()).toEqual([
      { type: 'refreshed', why: 'age', keyIds: [KEY.kid], added: [KEY.kid] },
      { type: 'removed', why: 'replaced', keyIds: [KEY.kid] },
    ]);
  });

  it('an outage: each failure, once that the copy is stale, and once that it has expired', async () => {
    await outcome();
    down();
    ofKeys();
    now += HOUR;
    for (let round = 0; round < 2; round++) {
      expect(await outcome()).toBe('accepted');
      await expect.poll(() => validator.state().sources[1]?.retryAt).toBeGreaterThan(now);
      now += 60_000;
    }
    const failed = {
      type: 'failed',
      why: 'age',
      reason: 'status 503',
      status: 503,
      retryAt: expect.any(Number),
      trustedUntil: NOW + DAY,
    };
    const stale = { type: 'stale', fetchedAt: NOW, trustedUntil: NOW + DAY, reason: 'status 503' };
    expect(ofKeys()).toEqual([failed, stale, failed]);
    now = NOW + DAY;
    for (let round = 0; round < 2; round++) expect(await outcome()).toBe('keys_unavailable');
    // The metadata has expired too, so the key set is not even asked for: state() looks at it.
    expect(validator.state().keyIds).toEqual([]);
    expect(validator.state().keyIds).toEqual([]);
    expect(ofKeys()).toEqual([{ type: 'removed', why: 'expired', keyIds: [KEY.kid] }]);
    for (const [url, page] of Object.entries(tenantPages())) docs.pages.set(url, page);
    now += 60_000;
    expect(await outcome()).toBe('accepted');
    expect(ofKeys()).toEqual([{ type: 'refreshed', why: 'age', keyIds: [KEY.kid], added: [] }]);
  });

  it('a failure at the start, with nothing to serve', async () => {
    down();
    expect(await outcome()).toBe('keys_unavailable');
    expect(events).toEqual([
      {
        type: 'failed',
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
    const end = onKeys(() => {
      throw new Error('broken');
    });
    expect(await outcome()).toBe('accepted');
    end();
    expect(events).toEqual([]);
  });
});
