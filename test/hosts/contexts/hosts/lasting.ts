import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import type { OpenRights } from '@entra-guard/nestjs';
import type { Subject } from 'rxjs';
import { vi } from 'vitest';

/** What the server of something that lasts shares with its handlers. */
export interface LastingWorld {
  /** What is pushed to all who listen. */
  readonly pushes: Subject<string>;
  /** What handlers were sent. */
  readonly received: string[];
}

/** What one caller holds open. */
export interface Held {
  /** A word goes through, there or back; rejects when none does. */
  alive(): Promise<void>;
  readonly ended: Promise<unknown>;
  /** Ends it as clients do. */
  cancel(): void;
  /** Its network breaks. */
  disconnect(): void;
}

/** An application that holds things open. */
export interface LastingHost {
  readonly rights: OpenRights;
  hold(authorization: string): Promise<Held>;
  close(): Promise<unknown>;
}

/** A way of one caller to the server, which can be cut. */
export interface Wire {
  readonly port: number;
  cut(): void;
}

export async function wireTo(port: number): Promise<Wire> {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1');
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => other.destroy());
      one.pipe(other);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      server.close();
      for (const socket of sockets) socket.resetAndDestroy();
    },
  };
}

/** A word is sent until it arrives: what lasts may have been let in before its handler listens. */
export async function goesThrough(
  send: (word: string) => unknown,
  arrived: readonly string[],
): Promise<void> {
  const word = randomUUID();
  const sent = () => {
    send(word);
    return arrived.includes(word);
  };
  await vi.waitUntil(() => arrived.includes(word) || sent(), { timeout: 5000, interval: 20 });
}
