import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { memoryRevocations, type Revocations } from '@entra-guard/express';
import type { LoopbackEntra } from '@entra-guard/testing';
import { type Running, startExpress, startNest } from '../apis.js';
import { openRevocations, type SharedRedis } from './redis.js';
import { startStream } from './stream.js';

/** What Grace works with until she leaves. */
export interface LeaverStage {
  /** Origins of the APIs. */
  readonly express: string;
  readonly nest: string;
  readonly stream: string;
  /** The revocations that all of them see. */
  readonly revocations: Revocations;
  /** What their processes share; `undefined` if all is in this process. */
  readonly redis: SharedRedis | undefined;
  close(): Promise<void>;
}

/** What a process is told to serve. */
export interface Order {
  readonly api: 'express' | 'nest' | 'stream';
  readonly options: { readonly authority: string; readonly clientId: string };
  readonly redis: Pick<SharedRedis, 'url' | 'prefix'>;
}

/** The program of such a process. */
const PROGRAM = new URL('./api-process.js', import.meta.url);

/**
 * Starts the three APIs: in a process each if they share a Redis, otherwise in this one.
 *
 * @param redis is closed with the stage
 */
export async function setLeaverStage(
  entra: LoopbackEntra,
  redis: SharedRedis | undefined,
  program = PROGRAM,
): Promise<LeaverStage> {
  const options = { authority: entra.authority, clientId: entra.clientIdOf('orders') };
  const closing: (() => Promise<void>)[] = [];
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end();
  };
  const kept = async <T extends { close(): Promise<void> }>(starting: Promise<T>): Promise<T> => {
    const started = await starting;
    closing.push(() => started.close());
    return started;
  };
  try {
    if (redis === undefined) {
      const revocations = memoryRevocations({ margin: 0, oneProcess: true });
      const inOne = { ...options, log: false, revocations } as const;
      const { origin: express } = await kept(startExpress(inOne));
      const { origin: nest } = await kept(startNest(inOne));
      const { origin: stream } = await kept(startStream(inOne));
      return { express, nest, stream, revocations, redis, close };
    }
    closing.push(() => redis.close());
    const started = (api: Order['api']) => kept(startProcess(program, { api, options, redis }));
    const starting = [
      started('express'),
      started('nest'),
      started('stream'),
      kept(openRevocations(redis)),
    ] as const;
    await Promise.allSettled(starting);
    const [{ origin: express }, { origin: nest }, { origin: stream }, { revocations }] =
      await Promise.all(starting);
    return { express, nest, stream, revocations, redis, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function startProcess(program: URL, { api, options, redis }: Order): Promise<Running> {
  const child = fork(program, { execArgv: [] });
  const { url, prefix } = redis;
  child.send({ api, options, redis: { url, prefix } } satisfies Order);
  const origin = await new Promise<string>((resolve, reject) => {
    child.once('message', (told: { readonly origin: string }) => resolve(told.origin));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`The process of the API ${api} ended with ${code}.`)));
  });
  return { origin, close: () => ended(child) };
}

/** A process that is not asked to go on ends; one that does not is ended. */
async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  const timer = setTimeout(() => child.kill('SIGKILL'), 3000);
  child.disconnect();
  await exit;
  clearTimeout(timer);
}
