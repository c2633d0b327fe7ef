import { createHash } from 'node:crypto';
import type { DownstreamEvent } from '../downstream-event.js';

/** Whose token for what: everything on which the answer of the token endpoint depends. */
export interface Wanted {
  readonly kind: DownstreamEvent['kind'];
  /** The endpoint names the authority and the tenant; for a managed identity, ''. */
  readonly tokenUrl: string;
  readonly clientId: string;
  /** SHA-256 of the token that is exchanged, or of the ticket, base64url; the user of an agent; '' where there is none. */
  readonly subject: string;
  readonly scope: string;
  /** Whether claims challenges are answered. Entra then gives tokens that live for longer. */
  readonly cae: boolean;
}

/**
 * Returns the key of an entry: SHA-256 over its members, each with its length before it, so that no two of them share one. It holds no
 * secret: a key ring that changes must not make every entry a miss.
 */
export function entryKey({ kind, tokenUrl, clientId, subject, scope, cae }: Wanted): string {
  const hash = createHash('sha256');
  for (const part of [kind, tokenUrl, clientId, subject, scope, cae ? 'cae' : '']) {
    hash.update(`${Buffer.byteLength(part)}:`).update(part);
  }
  return `eg:d1:${hash.digest('base64url')}`;
}

/** Identifies a token without holding it. */
export function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}
