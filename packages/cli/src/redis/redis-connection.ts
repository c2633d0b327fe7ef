import { EntraGuardError } from '@entra-guard/core';
import type { RedisClient } from '@entra-guard/redis';
import { BadInputError } from '../bad-input.js';
import type { Session } from '../session.js';
import { REDIS_VARIABLE, type RedisAddress } from './redis-address.js';
import { redisFailure } from './redis-failure.js';
import { type ClientPackage, clientPackage } from './redis-packages.js';

/** How long connecting may take, with TLS and login, in milliseconds. */
const CONNECTING = 10_000;
const DIALLING = 5000;

interface Connecting {
  readonly client: RedisClient;
  connect(): Promise<unknown>;
  close(): void;
  /** The first error that the client has told, which says more than the one of `connect`. */
  firstError(): unknown;
}

/**
 * Connects once, hands the client over, and ends the connection whatever comes of it. So the command ends, too.
 *
 * @param command what was run, after `entra-guard`
 * @throws BadInputError that says why Redis is not reachable or refuses, and never holds a password
 */
export async function withRedis<R>(
  session: Session,
  address: RedisAddress,
  command: string,
  use: (client: RedisClient) => Promise<R>,
): Promise<R> {
  const { stderr, errorStyle } = session;
  if (address.exposed) {
    stderr.write(
      `${errorStyle.warning('note:')} The password in --redis is in the list of processes and in the history of your shell. Put the URL into ${REDIS_VARIABLE}.\n`,
    );
  }
  const connecting = made(clientPackage(session, command), address.url);
  try {
    await inTime(connecting.connect());
    return await use(connecting.client);
  } catch (error) {
    // What the store says is as it is. Of what a client says, the first error tells most.
    const reason = EntraGuardError.is(error) ? error : (connecting.firstError() ?? error);
    const failure = redisFailure(reason, address);
    if (failure === undefined) throw error;
    throw new BadInputError(failure.message, failure.hint);
  } finally {
    connecting.close();
  }
}

function made({ name, module }: ClientPackage, url: string): Connecting {
  let first: unknown;
  const listener = (error: unknown) => {
    first ??= error;
  };
  if (name === 'redis') {
    const socket = { connectTimeout: DIALLING, reconnectStrategy: false };
    const client = module.createClient({ url, socket, disableOfflineQueue: true });
    client.on('error', listener);
    const close = () => {
      try {
        client.destroy();
      } catch {
        // It was closed before.
      }
    };
    return { client, connect: () => client.connect(), close, firstError: () => first };
  }
  const client = new module.Redis(url, {
    lazyConnect: true,
    connectTimeout: DIALLING,
    maxRetriesPerRequest: 0,
    enableReadyCheck: false,
    retryStrategy: () => null,
  });
  client.on('error', listener);
  return {
    client,
    connect: () => client.connect(),
    close: () => client.disconnect(),
    firstError: () => first,
  };
}

async function inTime<R>(connected: Promise<R>): Promise<R> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error(`no connection within ${CONNECTING} ms`), { code: 'ETIMEDOUT' }));
    }, CONNECTING);
  });
  try {
    return await Promise.race([connected, late]);
  } finally {
    clearTimeout(timer);
  }
}
