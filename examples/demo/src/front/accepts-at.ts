import { connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

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
