import {
  appClaims,
  type Json,
  KEY,
  NOW,
  signed,
  type TestKey,
  userClaims,
  v1Claims,
} from '../../support/forger.js';

/** The time at which every row begins, in seconds. */
export const START = Math.floor(NOW / 1000);

/** A delegated v2 token. A claim that is `undefined` is left out. */
export const user = (changes: Json = {}, header: Json = {}, key: TestKey = KEY): string =>
  signed(userClaims(changes), header, { key });

/** An app-only v2 token. */
export const app = (changes: Json = {}): string => signed(appClaims(changes));

/** A delegated v1 token. */
export const v1 = (changes: Json = {}): string => signed(v1Claims(changes));
