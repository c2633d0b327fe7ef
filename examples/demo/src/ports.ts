import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

/** Below the ports that a system gives to connections and to servers that ask for any port. */
const FIRST = 12_000;
const COUNT = 10_000;

let next = Math.floor(Math.random() * COUNT);

/**
 * A port of loopback for a server that has to know its port before it starts. Each call gives another one.
 *
 * @throws Error if no port is free
 */
export async function freePort(): Promise<number> {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + (next++ % COUNT);
    const server = createServer();
    const free = once(server.listen(port, '127.0.0.1'), 'listening').then(
      () => true,
      () => false,
    );
    if (!(await free)) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
  throw new Error(`No port from ${FIRST} to ${FIRST + COUNT - 1} is free.`);
}

/** Waits until a process accepts connections at a port, for at most ten seconds. @throws Error after that */
export async function acceptsAt(port: number): Promise<void> {
  for (const end = Date.now() + 10_000; Date.now() < end; await wait(50)) if (await accepts(port)) return;
  throw new Error(`Nothing listens on port ${port}.`);
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
