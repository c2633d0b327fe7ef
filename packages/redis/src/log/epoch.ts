import { randomUUID } from 'node:crypto';
import type { Connection } from '../client/connection.js';
import { textReply } from '../client/replies.js';
import type { Keys } from './keys.js';

/** For how long an epoch is young, in milliseconds: until then, processes that know entries write them again. */
export const YOUNG = 5000;

/** The server has no epoch, and this process may not make one. */
export class NoEpochError extends Error {
  override readonly name = 'NoEpochError';

  constructor(cause: unknown) {
    super('No writer has started on this prefix. Run: entra-guard revocations init', { cause });
  }
}

/** Tells whether the server refused a command because its user or the server itself may not write (Redis ACL, replicas). */
export function isReadOnly(reason: unknown): boolean {
  return reason instanceof Error && /^(NOPERM|READONLY)\b/.test(reason.message);
}

/**
 * Returns the epoch, and makes one where there is none. A server without an epoch is new, or has lost its data.
 *
 * @throws NoEpochError if there is none, and the user may not write
 */
export async function epochOf(connection: Connection, keys: Keys): Promise<string> {
  const known = await readEpoch(connection, keys);
  if (known !== undefined) return known;
  try {
    await connection.send(['SET', keys.young, '1', 'PX', String(YOUNG)]);
    await connection.send(['SET', keys.epoch, randomUUID(), 'NX']);
  } catch (reason) {
    throw isReadOnly(reason) ? new NoEpochError(reason) : reason;
  }
  const made = await readEpoch(connection, keys);
  if (made === undefined) throw new Error('Redis lost its data while the store started.');
  return made;
}

export async function readEpoch(connection: Connection, { epoch }: Keys): Promise<string | undefined> {
  return textReply(await connection.send(['GET', epoch]));
}

/** Tells whether the epoch was made within the last seconds, by the server's clock. */
export async function isYoung(connection: Connection, { young }: Keys): Promise<boolean> {
  return textReply(await connection.send(['GET', young])) !== undefined;
}
