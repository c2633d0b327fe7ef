import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';

/** Stands between a client and Redis. It can stop forwarding without closing a connection, as a network does that loses packets. */
export class HalfOpenProxy {
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: Set<Socket>;
  readonly #pairs: Set<readonly [Socket, Socket]>;

  private constructor(
    server: Server,
    port: number,
    sockets: Set<Socket>,
    pairs: Set<readonly [Socket, Socket]>,
  ) {
    this.#server = server;
    this.port = port;
    this.#sockets = sockets;
    this.#pairs = pairs;
  }

  static async start(port: number): Promise<HalfOpenProxy> {
    const sockets = new Set<Socket>();
    const pairs = new Set<readonly [Socket, Socket]>();
    const server = createServer((inner) => {
      const outer = dial(port, '127.0.0.1');
      pairs.add([inner, outer]);
      for (const socket of [inner, outer]) {
        sockets.add(socket);
        socket.on('error', () => {});
      }
      inner.pipe(outer);
      outer.pipe(inner);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new HalfOpenProxy(server, (server.address() as { port: number }).port, sockets, pairs);
  }

  /** Stops forwarding on all connections of this moment. Later ones work. */
  freeze(): void {
    for (const [inner, outer] of this.#pairs) {
      inner.unpipe(outer);
      outer.unpipe(inner);
      inner.pause();
      outer.pause();
    }
    this.#pairs.clear();
  }

  close(): void {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
