import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LoopbackEntra, startEntra } from '../src/index.js';

describe('a request to a local Entra on a port', () => {
  let entra: LoopbackEntra;
  let port: string;
  beforeAll(async () => {
    entra = await startEntra({ port: 0 });
    ({ port } = new URL(entra.origin));
  });
  afterAll(async () => entra.close());

  /** Sends a request line and a `Host` as they are. Resolves with the status. */
  async function statusOf(target: string, host: string): Promise<number> {
    const socket = connect(Number(port), '127.0.0.1');
    socket.end(`GET ${target} HTTP/1.1\r\nhost: ${host}\r\nconnection: close\r\n\r\n`);
    const answer = await text(socket);
    return Number(answer.split(' ')[1]);
  }

  const path = '/common/discovery/v2.0/keys';

  it.each([
    ['localhost', path, 'localhost:PORT'],
    ['localhost in capitals', path, 'LOCALHOST:PORT'],
    ['127.0.0.1', path, '127.0.0.1:PORT'],
    ['an absolute target, as a client of a proxy sends it', `http://localhost:PORT${path}`, 'localhost:PORT'],
    ['an absolute target, whatever the Host says', `http://127.0.0.1:PORT${path}`, 'proxy.example'],
  ])('is answered for %s', async (_, target, host) => {
    expect(await statusOf(target.replace('PORT', port), host.replace('PORT', port))).toBe(200);
  });

  it.each([
    ['a site that resolves to 127.0.0.1', path, 'evil.example:PORT'],
    ['a site whose name begins with localhost', path, 'localhost.evil.example:PORT'],
    ['a name with a user before it', path, 'localhost:PORT@evil.example'],
    ['localhost as a user', path, 'localhost@127.0.0.1:PORT'],
    ['a path in the Host', path, 'localhost:PORT/evil'],
    ['another port', path, 'localhost:1'],
    ['no port, which is port 80', path, 'localhost'],
    ['[::1], on which it does not listen', path, '[::1]:PORT'],
    ['an address of the network', path, '192.168.0.1:PORT'],
    ['an empty Host', path, ''],
    ['an absolute target of a site', `http://evil.example:PORT${path}`, 'localhost:PORT'],
    ['an absolute target with another port', `http://localhost:1${path}`, 'localhost:PORT'],
    ['an absolute target with another scheme', `https://localhost:PORT${path}`, 'localhost:PORT'],
    ['a target that is neither path nor URL', '*', 'localhost:PORT'],
  ])('is refused for %s', async (_, target, host) => {
    expect(await statusOf(target.replace('PORT', port), host.replace('PORT', port))).toBe(421);
  });

  it('has the path that the target says, slashes included', async () => {
    entra.requests.length = 0;
    await statusOf(`//evil.example${path}`, `localhost:${port}`);
    expect(entra.requests.map(({ url }) => url)).toEqual([`${entra.origin}//evil.example${path}`]);
  });

  it('gets no connection on [::1]', async () => {
    const socket = connect(Number(port), '::1');
    const connected = await new Promise((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    });
    socket.destroy();
    expect(connected).toBe(false);
  });
});
