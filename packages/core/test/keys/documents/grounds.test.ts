import { expect, it } from 'vitest';
import { NOW } from '../../../../../test/support/forger.js';
import type { JsonObject } from '../../../src/base/json-object.js';
import { Grounds } from '../../../src/keys/documents/grounds.js';
import { RemoteDocument } from '../../../src/keys/documents/remote-document.js';

const HOUR = 3_600_000;

function document(): { asked: number; reading: RemoteDocument<JsonObject>; now: number } {
  const state = { asked: 0, now: NOW };
  const reading = new RemoteDocument<JsonObject>({
    url: 'https://login.microsoftonline.com/common/discovery/keys',
    fetch: async () => {
      state.asked++;
      return Response.json({ asked: state.asked });
    },
    now: () => state.now,
    limits: { softAgeMs: HOUR, hardAgeMs: 24 * HOUR, coolDownMs: 30_000, timeoutMs: 5000, maxBytes: 1024 },
    kind: {
      document: 'keys',
      purpose: 'keys',
      parse: (json) => json,
      format: (value) => value,
      keysOf: () => [],
    },
    log: () => {},
  });
  return Object.assign(state, { reading });
}

it('an answer stands while its documents are held and have the values that it was drawn from', async () => {
  const [metadata, keys] = [document(), document()];
  const holdings = [
    { held: true, used: false },
    { held: true, used: false },
  ] as const;
  const grounds = new Grounds();
  grounds.note(metadata.reading, await metadata.reading.get(), holdings[0]);
  grounds.note(keys.reading, await keys.reading.get(), holdings[1]);
  expect(grounds.hold(NOW)).toBe(true);
  expect(holdings.map(({ used }) => used)).toEqual([true, true]);
  (holdings[1] as { held: boolean }).held = false;
  expect(grounds.hold(NOW)).toBe(false);
});

it('asks for what is due in the background, and falls when the answer is there', async () => {
  const keys = document();
  const grounds = new Grounds();
  grounds.note(keys.reading, await keys.reading.get(), { held: true, used: false });
  keys.now += HOUR;
  expect(grounds.hold(keys.now)).toBe(true);
  expect(keys.asked).toBe(2);
  await expect.poll(() => keys.reading.current).toEqual({ asked: 2 });
  expect(grounds.hold(keys.now)).toBe(false);
});

it('falls when no token came for so long that the authority has to be asked first', async () => {
  const keys = document();
  const grounds = new Grounds();
  grounds.note(keys.reading, await keys.reading.get(), { held: true, used: false });
  keys.now += 2 * HOUR;
  expect(grounds.hold(keys.now)).toBe(false);
  expect(keys.asked).toBe(2);
});
