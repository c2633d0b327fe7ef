import { TokenError } from '../base/errors.js';
import { printable } from '../base/printable.js';
import type { ReadCredential } from '../credential/bearer.js';
import type { RequestLike } from '../credential/headers.js';
import { decodeUnverified } from '../token/compact-jws.js';
import type { Claimed } from './decision-event.js';

const PER_MINUTE = 60;
let window = { start: 0, count: 0 };

/**
 * Returns what the request's unverified token claims, bounded and escaped. Does so at most sixty times a minute in the
 * whole process: enough to find a misconfigured client, too little to flood an audit trail or to incriminate another
 * user with forged tokens.
 */
export function claimedBy(
  request: RequestLike,
  readCredential: ReadCredential,
  now: number,
  error: unknown,
): Claimed | undefined {
  if (Math.abs(now - window.start) >= 60_000) window = { start: now, count: 0 };
  if (window.count >= PER_MINUTE) return undefined;
  try {
    const { payload } = decodeUnverified(readCredential(request));
    window.count++;
    const text = (value: unknown): string | undefined =>
      typeof value === 'string' ? printable(value, 100) : undefined;
    const facts = {
      issuer: text(payload.iss),
      audience: text(payload.aud),
      tenantId: text(payload.tid),
      objectId: text(payload.oid),
      clientId: text(payload.azp ?? payload.appid),
      found: TokenError.is(error) ? text(error.found) : undefined,
    };
    return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined));
  } catch {
    return undefined;
  }
}
