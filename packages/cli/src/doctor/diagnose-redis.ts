import { BadInputError } from '../bad-input.js';
import type { RedisAddress } from '../redis/redis-address.js';
import { withRedis } from '../redis/redis-connection.js';
import { clientPackage, operatorPackage } from '../redis/redis-packages.js';
import type { Session } from '../session.js';
import { type Check, type CheckName, problem, skipped } from './check.js';
import {
  checkEncryption,
  checkEpoch,
  checkEviction,
  checkFeed,
  checkPersistence,
  checkRecords,
  checkReplicas,
  checkStream,
  checkUser,
  checkVersion,
} from './redis-checks.js';

const COMMAND = 'doctor --redis …';
const UNREACHED = 'Redis was not reached, or did not let this user in';
const STANDARD = '{entra-guard}';
const INSIDE: readonly CheckName[] = [
  'user',
  'eviction',
  'persistence',
  'replicas',
  'epoch',
  'records',
  'stream',
  'feed',
];

/**
 * Looks at the Redis by which processes share revocations.
 *
 * @throws BadInputError where the client or the store is not installed; ConfigurationError for an invalid prefix
 */
export async function diagnoseRedis(
  session: Session,
  address: RedisAddress,
  prefix: string = STANDARD,
): Promise<readonly Check[]> {
  const { examineRedis } = operatorPackage(session, COMMAND);
  clientPackage(session, COMMAND);
  const encryption = checkEncryption(address, session.env);
  try {
    const facts = await withRedis(session, address, COMMAND, (client) => examineRedis(client, { prefix }));
    return [
      checkVersion(facts, address),
      encryption,
      checkUser(facts, prefix),
      checkEviction(facts),
      checkPersistence(facts),
      checkReplicas(facts),
      checkEpoch(facts, prefix),
      checkRecords(facts),
      checkStream(facts),
      checkFeed(facts),
    ];
  } catch (error) {
    if (!(error instanceof BadInputError)) throw error;
    return [
      problem('redis', error.message, error.hint),
      // Why there is no connection may be the certificate.
      address.tls && encryption.status === 'ok' ? skipped('encryption', UNREACHED) : encryption,
      ...INSIDE.map((name) => skipped(name, UNREACHED)),
    ];
  }
}
