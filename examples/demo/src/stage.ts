import type { LogEntry } from '@entra-guard/express';
import { LocalEntraError, type LoopbackEntra, startEntra } from '@entra-guard/testing';
import { startExpress, startNest } from './apis.js';
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
    const express = await orPortTaken(
      ports.express,
      startExpress({ ...options, log: logs.express }, ports.express),
    );
    closing.push(express.close);
    const nest = await orPortTaken(ports.nest, startNest({ ...options, log: logs.nest }, ports.nest));
    closing.push(nest.close);
    return { entra, express: express.origin, nest: nest.origin, close };
  } catch (error) {
    await close();
    throw error;
  }
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
