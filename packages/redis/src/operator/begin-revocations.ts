import type { RedisClient } from '../client/redis-client.js';
import { epochOf, NoEpochError, readEpoch } from '../log/epoch.js';
import { type OperatorOptions, Server } from './server.js';

/**
 * Begins a prefix, so that processes which may only read are not down before one that may write has started.
 *
 * @param client a client of `redis` 5 or 6, or of `ioredis` 5 or 6. It is not closed.
 * @returns whether it was begun; `false` if it was before
 * @throws ConfigurationError for anything else and invalid options; what the client says (as a rejection)
 */
export async function beginRevocations(client: RedisClient, options: OperatorOptions = {}): Promise<boolean> {
  const server = new Server('beginRevocations(...)', client, options);
  const { connection, keys } = server;
  if ((await readEpoch(connection, keys)) !== undefined) return false;
  await epochOf(connection, keys).catch((reason: unknown) => {
    // What is said to processes that may not write is what is being done here.
    throw reason instanceof NoEpochError ? reason.cause : reason;
  });
  // An entry of no meaning: processes that may not write tell by it that they have missed none.
  await server.send(['XADD', keys.log, '*', 'epoch', '1']);
  return true;
}
