import type { RedisClient } from '@entra-guard/redis';
import { BadInputError } from '../bad-input.js';
import type { Session } from '../session.js';
import type { RedisAddress } from './redis-address.js';
import { redisFailure } from './redis-failure.js';
import { clientPackage } from './redis-packages.js';

/** A client that stays connected while a command runs. */
export interface KeptClient {
  readonly client: RedisClient;
  close(): void;
}

const DIALLING = 5_000;
const PAUSE_MS = 1_000;

/**
 * Connects for as long as a command runs, and again after each loss. No command waits for a connection: what asks decides itself what a
 * missing answer means.
 *
 * @param command what was run, after `entra-guard`
 * @throws BadInputError where Redis can't be reached at the start; it never holds a password
 */
export async function keptClient(
  session: Session,
  address: RedisAddress,
  command: string,
): Promise<KeptClient> {
  let told = false;
  let wasConnected = false;
  const tell = (error: unknown): void => {
    if (told || !wasConnected) return;
    told = true;
    const failure = redisFailure(error, address);
    session.stderr.write(`${failure?.message ?? `${address.shown} fails.`} It is tried again.\n`);
  };
  const { client, connect, close } = made(session, address, command, tell);
  try {
    await connect();
    wasConnected = true;
  } catch (error) {
    close();
    const failure = redisFailure(error, address);
    if (failure === undefined) throw error;
    throw new BadInputError(failure.message, failure.hint);
  }
  return { client, close };
}

function made(session: Session, { url }: RedisAddress, command: string, tell: (error: unknown) => void) {
  const found = clientPackage(session, command);
  if (found.name === 'redis') {
    let isUp = false;
    const reconnectStrategy = () => (isUp ? PAUSE_MS : false);
    const socket = { connectTimeout: DIALLING, reconnectStrategy };
    const client = found.module.createClient({ url, socket, disableOfflineQueue: true });
    client.on('error', tell);
    const connect = async (): Promise<void> => {
      await client.connect();
      isUp = true;
    };
    return { client, connect, close: () => ended(() => client.destroy()) };
  }
  let isUp = false;
  const client = new found.module.Redis(url, {
    lazyConnect: true,
    connectTimeout: DIALLING,
    maxRetriesPerRequest: 0,
    enableOfflineQueue: false,
    retryStrategy: () => (isUp ? PAUSE_MS : null),
  });
  client.on('error', tell);
  const connect = async (): Promise<void> => {
    await client.connect();
    isUp = true;
  };
  return { client, connect, close: () => ended(() => client.disconnect()) };
}

function ended(end: () => void): void {
  try {
    end();
  } catch {
    // It was closed before.
  }
}
