import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';

/** A request as an application received it, byte for byte. */
export interface Received {
  readonly method: string;
  readonly target: string;
  /** Names and values as they stood there, in their order. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** What came after the head, until it was answered. */
  readonly body: string;
}

/** The values of a header, whichever way its name is spelled. */
export function valuesOf({ headers }: Received, name: string): readonly string[] {
  const wanted = name.toLowerCase();
  return headers
    .filter(([one]) => one.toLowerCase().replaceAll('_', '-') === wanted)
    .map(([, value]) => value);
}

/** An application that knows nothing of identity, and reads requests off the socket itself. */
export class RawUpstream {
  readonly received: Received[] = [];
  readonly #server = createServer((socket) => this.#serve(socket));
  readonly #sockets = new Set<Socket>();
  /** Whether it answers a request for a WebSocket like any other. */
  refusesUpgrades = false;
  /** What it answers with. */
  answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Upstream: yes\r\n\r\nok';

  static async start(): Promise<RawUpstream> {
    const upstream = new RawUpstream();
    upstream.#server.listen(0, '127.0.0.1');
    await once(upstream.#server, 'listening');
    return upstream;
  }

  get port(): number {
    return (this.#server.address() as { port: number }).port;
  }

  #serve(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => {});
    let text = '';
    let upgraded = false;
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      if (upgraded) return void socket.write(`echo:${chunk}`, 'latin1');
      text += chunk;
      for (let end = bodyEnd(text); end !== undefined; end = bodyEnd(text)) {
        const request = parse(text.slice(0, end));
        text = text.slice(end);
        this.received.push(request);
        if (!this.refusesUpgrades && valuesOf(request, 'upgrade').includes('websocket')) {
          upgraded = true;
          const accept = acceptOf(valuesOf(request, 'sec-websocket-key')[0] ?? '');
          const head = `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`;
          socket.write(head);
          return;
        }
        socket.write(this.answer, 'latin1');
      }
    });
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** RFC 6455 section 4.2.2 */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
}

/** Where the first request ends; `undefined` while some of it is missing. */
function bodyEnd(text: string): number | undefined {
  const head = text.indexOf('\r\n\r\n');
  if (head < 0) return undefined;
  const begin = head + 4;
  if (/^transfer-encoding:[ \t]*chunked/im.test(text.slice(0, begin))) {
    const last = text.indexOf('0\r\n\r\n', begin);
    return last < 0 ? undefined : last + 5;
  }
  const length = Number(/^content-length:[ \t]*([0-9]+)/im.exec(text.slice(0, begin))?.[1] ?? 0);
  return text.length < begin + length ? undefined : begin + length;
}

function parse(text: string): Received {
  const head = text.indexOf('\r\n\r\n');
  const [first = '', ...lines] = text.slice(0, head).split('\r\n');
  const [method = '', target = ''] = first.split(' ');
  const headers = lines.map((line) => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as const;
  });
  return { method, target, headers, body: text.slice(head + 4) };
}
