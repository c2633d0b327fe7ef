import type { RedisClient } from '@entra-guard/redis';
import type * as Operator from '@entra-guard/redis/operator';
import { BadInputError } from '../bad-input.js';
import { fromProject, installed } from '../project/project-package.js';
import type { Session } from '../session.js';

/** Runs a command that talks to Redis where nothing is installed. */
export const RUN_WITH_REDIS = 'npx -p @entra-guard/cli -p @entra-guard/redis -p redis entra-guard';

/** What is used of the package `redis`. */
export interface NodeRedisPackage {
  createClient(options: object): RedisClient & {
    on(event: 'error', listener: (error: unknown) => void): unknown;
    connect(): Promise<unknown>;
    destroy(): void;
  };
}

/** What is used of the package `ioredis`. */
export interface IoRedisPackage {
  readonly Redis: new (
    url: string,
    options: object,
  ) => RedisClient & {
    on(event: 'error', listener: (error: unknown) => void): unknown;
    connect(): Promise<unknown>;
    disconnect(): void;
  };
}

/** The package of the client that the project has. */
export type ClientPackage =
  | { readonly name: 'redis'; readonly module: NodeRedisPackage }
  | { readonly name: 'ioredis'; readonly module: IoRedisPackage };

/**
 * The package that reads and changes revocations over Redis.
 *
 * @param command what to run, after `entra-guard`
 * @throws BadInputError where it is missing
 */
export function operatorPackage(session: Session, command: string): typeof Operator {
  return fromProject(session, '@entra-guard/redis/operator', `${RUN_WITH_REDIS} ${command}`);
}

/** @throws BadInputError where neither client is installed */
export function clientPackage(session: Session, command: string): ClientPackage {
  const redis = installed<NodeRedisPackage>(session, 'redis').loaded;
  if (redis !== undefined) return { name: 'redis', module: redis };
  const ioredis = installed<IoRedisPackage>(session, 'ioredis').loaded;
  if (ioredis !== undefined) return { name: 'ioredis', module: ioredis };
  throw new BadInputError(
    'No client of Redis is installed here: neither redis nor ioredis.',
    `Run it together with this command: ${RUN_WITH_REDIS} ${command}`,
  );
}
