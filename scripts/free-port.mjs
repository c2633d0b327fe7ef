import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Where free ports are looked for: below those that a system gives to connections and to servers that ask for any
 * port (from 32768 on Linux), also with the 10000 that a node of a Redis cluster adds for its bus.
 */
const FIRST = 12_000;
const COUNT = 10_000;

let next = Math.floor(Math.random() * COUNT);

/**
 * A port of loopback for a server that has to know its port before it starts, or that starts again on it. No other
 * caller gets the port until this process ends: the UDP port of the same number stays bound as a sign of that.
 *
 * @returns {Promise<number>}
 * @throws {Error} if no port is free
 */
export async function freePort() {
  for (let tries = 0; tries < COUNT; tries++) {
    const port = FIRST + (next++ % COUNT);
    if ((await reserve(port)) && (await isFree(port))) return port;
  }
  throw new Error(`No port from ${FIRST} to ${FIRST + COUNT - 1} is free.`);
}

/** @param {number} port */
async function reserve(port) {
  const sign = createSocket('udp4').bind({ port, address: '127.0.0.1', exclusive: true });
  try {
    await once(sign, 'listening');
  } catch {
    return false;
  }
  sign.unref();
  return true;
}

/** @param {number} port */
async function isFree(port) {
  const server = createServer().listen({ port, host: '127.0.0.1', exclusive: true });
  try {
    await once(server, 'listening');
  } catch {
    return false;
  }
  server.close();
  await once(server, 'close');
  return true;
}
