import type { RevocationRecord } from '@entra-guard/core';
import { recordJson } from '@entra-guard/core/revocation';
import type { RevocationOperator } from '@entra-guard/redis/operator';
import type { RedisAddress } from '../redis/redis-address.js';
import { withRedis } from '../redis/redis-connection.js';
import { operatorPackage } from '../redis/redis-packages.js';
import type { Session } from '../session.js';
import type { RecordDocument, RevocationStore } from './revocation-store.js';

/** Opens the revocations of a prefix, and ends the connection afterwards. */
export function operating<R>(
  session: Session,
  address: RedisAddress,
  prefix: string | undefined,
  command: string,
  use: (operator: RevocationOperator) => Promise<R>,
): Promise<R> {
  const { operateRevocations } = operatorPackage(session, command);
  return withRedis(session, address, command, async (client) =>
    use(await operateRevocations(client, { ...(prefix === undefined ? {} : { prefix }) })),
  );
}

/** Revocations in a Redis. */
export function redisStore(
  session: Session,
  address: RedisAddress,
  prefix: string | undefined,
  command: string,
): RevocationStore {
  const open = <R>(use: (operator: RevocationOperator) => Promise<R>) =>
    operating(session, address, prefix, command, use);
  return {
    name: address.shown,
    revoke: async ({ target, ...options }) =>
      open(async (operator) => {
        const { record, before } = await operator.revoke(target, options);
        return { record: documentOf(record), before };
      }),
    list: async (target) =>
      open(async (operator) => ({
        records: operator.list(target).map(documentOf),
        unreadable: operator.unreadable.count,
      })),
    lift: async (id, because) =>
      open(async (operator) => (await operator.lift(id.toLowerCase(), { because })) !== undefined),
  };
}

function documentOf(record: RevocationRecord): RecordDocument {
  return recordJson(record) as unknown as RecordDocument;
}
