import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { LogEntry, Revocations, ValidatorOptions } from '@entra-guard/express';
import { createApp } from '@examples/express-orders';
import { AppModule } from '@examples/nestjs-orders';
import { NestFactory } from '@nestjs/core';

/** A server on loopback. */
export interface Running {
  readonly origin: string;
  close(): Promise<void>;
}

/** Whose tokens an API accepts, and what it writes where. */
export type ApiOptions = ValidatorOptions & {
  readonly log?: ((entry: LogEntry) => void) | false;
  readonly revocations?: Revocations;
};

const loopback = '127.0.0.1';

/** Starts the orders API on Express. @param port 0 is any free port */
export async function startExpress(options: ApiOptions, port = 0): Promise<Running> {
  return listening(createApp(options), port);
}

/** Starts the orders API on NestJS. @param port 0 is any free port */
export async function startNest(options: ApiOptions, port = 0): Promise<Running> {
  const nest = await NestFactory.create(AppModule.with(options), {
    logger: false,
    abortOnError: false,
    forceCloseConnections: true,
  });
  try {
    await nest.listen(port, loopback);
  } catch (error) {
    await nest.close();
    throw error;
  }
  return { origin: originOf(nest.getHttpServer()), close: async () => nest.close() };
}

/** Serves on loopback. @param port 0 is any free port */
export async function listening(listener: RequestListener, port = 0): Promise<Running> {
  const server = createServer(listener);
  await once(server.listen(port, loopback), 'listening');
  const close = async () => {
    const end = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await end;
  };
  return { origin: originOf(server), close };
}

function originOf(server: Server): string {
  return `http://localhost:${(server.address() as AddressInfo).port}`;
}
