import { createServer } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';

/** An HTTP proxy on loopback, as in company networks. CONNECT opens a tunnel, for clients with the password. */
export class LoopbackProxy {
  readonly #server = createServer((_, response) => response.writeHead(405).end());
  readonly #sockets = new Set<Socket>();
  /** The targets of tunnels. */
  readonly tunnels: string[] = [];
  /** The required password. `undefined`: none. */
  password: string | undefined;
  /** Answers CONNECT with this status instead of a tunnel. */
  failing: number | undefined;

  static async start(): Promise<LoopbackProxy> {
    const proxy = new LoopbackProxy();
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  private constructor() {
    this.#server.on('connect', ({ url = '', headers }, client: Socket, head) => {
      this.#keep(client);
      const wanted = this.password && `Basic ${Buffer.from(this.password).toString('base64')}`;
      if (this.failing !== undefined) {
        client.end(`HTTP/1.1 ${this.failing} No\r\n\r\n`);
      } else if (wanted !== undefined && headers['proxy-authorization'] !== wanted) {
        client.end('HTTP/1.1 407 Proxy Authentication Required\r\nproxy-authenticate: Basic\r\n\r\n');
      } else {
        this.tunnels.push(url);
        const { hostname, port } = new URL(`http://${url}`);
        const upstream = connect(Number(port), hostname, () => {
          client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
          upstream.write(head);
          upstream.pipe(client).pipe(upstream);
        });
        this.#keep(upstream);
        upstream.once('close', () => client.destroy());
        client.once('close', () => upstream.destroy());
      }
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
      for (const socket of this.#sockets) socket.destroy();
    });
  }

  #keep(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => this.#sockets.delete(socket));
  }
}
