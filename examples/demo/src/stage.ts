import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogEntry } from '@entra-guard/express';
import { LocalEntraError, type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { createApp } from '@examples/express-orders';
import { AppModule } from '@examples/nestjs-orders';
import { NestFactory } from '@nestjs/core';
import { registrations } from './registrations.js';

/** The servers of the demo. */
export interface Stage {
  readonly entra: LoopbackEntra;
  /** Origins of the two APIs. */
  readonly express: string;
  readonly nest: string;
  close(): Promise<void>;
}

/** Ports on loopback. 0 is any free port. */
export interface Ports {
  readonly entra: number;
  readonly express: number;
  readonly nest: number;
}

/** Thrown if another process listens on a port. */
export class PortTakenError extends Error {
  readonly port: number;

  constructor(port: number) {
    super(`Port ${port} is taken by another process.`);
    this.port = port;
  }
}

const loopback = '127.0.0.1';

/** The logs of the APIs. */
export interface Logs {
  readonly express: (entry: LogEntry) => void;
  readonly nest: (entry: LogEntry) => void;
}

/**
 * Starts the local Entra and both APIs.
 *
 * @throws PortTakenError after it has stopped what it started
 */
export async function setStage(ports: Ports, logs: Logs): Promise<Stage> {
  const entra = await orPortTaken(ports.entra, startEntra({ apps: registrations, port: ports.entra }));
  const closing = [async () => entra.close()];
  const close = async () => {
    for (const end of closing.toReversed()) await end();
  };
  try {
    const options = entra.options();
    const server = createServer(createApp({ ...options, log: logs.express }));
    await orPortTaken(ports.express, once(server.listen(ports.express, loopback), 'listening'));
    closing.push(async () => closed(server));

    const nest = await NestFactory.create(AppModule.with({ ...options, log: logs.nest }), {
      logger: false,
      abortOnError: false,
      forceCloseConnections: true,
    });
    closing.push(async () => nest.close());
    await orPortTaken(ports.nest, nest.listen(ports.nest, loopback));

    return { entra, express: originOf(server), nest: originOf(nest.getHttpServer()), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function closed(server: Server): Promise<void> {
  const end = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await end;
}

async function orPortTaken<T>(port: number, starting: Promise<T>): Promise<T> {
  try {
    return await starting;
  } catch (error) {
    const taken =
      error instanceof LocalEntraError
        ? error.code === 'port_taken'
        : error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
    throw taken ? new PortTakenError(port) : error;
  }
}

function originOf(server: Server): string {
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
