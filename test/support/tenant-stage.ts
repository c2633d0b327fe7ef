import type { LogEntry, SingleTenantOptions } from '@entra-guard/core';
import { contoso } from './contoso.js';
import {
  Answer,
  documents,
  type Json,
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
} from './forger.js';

export const METADATA = `${LOGIN}/${TENANT}/v2.0${WELL_KNOWN}`;
export const KEYS = `${LOGIN}/${TENANT}/discovery/v2.0/keys`;
export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** The key that comes after the published one. */
export const NEXT = makeKey('next');

/** One tenant, its documents, and a clock that moves when a test moves it. Each test makes a new one. */
export class TenantStage {
  /** Milliseconds since the epoch. */
  now = NOW;
  readonly docs = documents(tenantPages());
  readonly log: LogEntry[] = [];
  readonly clock = (): number => this.now;

  /** Options of an API of this tenant, with its log. */
  options(changes: Partial<SingleTenantOptions> = {}): SingleTenantOptions {
    const log = (entry: LogEntry): void => {
      this.log.push(entry);
    };
    return contoso({ fetch: this.docs.fetch, now: this.clock, log, ...changes });
  }

  /** A token that was issued `age` seconds ago, five minutes unless told otherwise, and lasts for two days. */
  token(key: TestKey = KEY, header: Json = {}, age = 300): string {
    const iat = Math.floor(this.now / 1000) - age;
    return signed(userClaims({ iat, nbf: iat, exp: iat + 172_800 }), header, { key });
  }

  publish(...keys: TestKey[]): void {
    this.docs.pages.set(KEYS, { keys: keys.map(({ jwk }) => jwk) });
  }

  /** Makes these addresses answer 503: both documents, unless told otherwise. */
  fail(...urls: string[]): void {
    for (const url of urls.length > 0 ? urls : [METADATA, KEYS]) {
      this.docs.pages.set(url, new Answer(() => new Response('', { status: 503 })));
    }
  }
}
