import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, request as httpsRequest, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { localhostCertificate } from '../../../packages/testing/src/transport/localhost-certificate.js';
import { LoopbackAgent } from './loopback-agent.mjs';

/** How a document fails to come. */
export type Fault =
  | 'down'
  | 'silent'
  | 'HTML'
  | 'empty'
  | 'null'
  | 'cut short'
  | '404'
  | '500'
  | '500 with JSON'
  | '302'
  | '429';

/** A document that fails to come. */
export class Faulty {
  constructor(readonly fault: Fault) {}
}

/** Documents by their addresses in production. */
export type Documents = Readonly<Record<string, unknown>>;

/** One server on loopback that stands for every host of Microsoft's, over TLS. */
export class Authority {
  readonly #server: Server;
  #documents: Documents = {};
  /** Addresses that were asked for, in order. */
  readonly asked: string[] = [];

  static async start(): Promise<Authority> {
    const authority = new Authority();
    await new Promise<void>((resolve) => authority.#server.listen(0, '127.0.0.1', resolve));
    return authority;
  }

  private constructor() {
    this.#server = createServer(localhostCertificate, (incoming, outgoing) =>
      this.#answer(incoming, outgoing),
    );
    // Clients hang up in the middle of things here; that is no news.
    this.#server.on('tlsClientError', () => {});
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get certificate(): string {
    return localhostCertificate.cert;
  }

  /** Publishes these documents and no others. */
  publish(documents: Documents): void {
    this.#documents = documents;
  }

  /** A fetch of its own for each caller, since what was read is shared by those who read in the same way. */
  newFetch(): typeof globalThis.fetch {
    const agent = new LoopbackAgent(this.port, this.certificate);
    return (input, init) =>
      new Promise((resolve, reject) => {
        const outgoing = httpsRequest(String(input), { agent, signal: init?.signal ?? undefined });
        outgoing.once('error', reject);
        outgoing.once('response', (incoming) => {
          responseOf(incoming).then(resolve, reject);
        });
        outgoing.end();
      });
  }

  async close(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#server.close(() => resolve());
      this.#server.closeAllConnections();
    });
  }

  #answer({ headers, url = '' }: IncomingMessage, outgoing: ServerResponse): void {
    const address = withoutAdded(`https://${headers.host}${url}`);
    this.asked.push(address);
    const document = this.#documents[address];
    if (document instanceof Faulty) fail(document.fault, outgoing);
    else if (document === undefined) fail('404', outgoing);
    else outgoing.setHeader('content-type', 'application/json').end(JSON.stringify(document));
  }
}

/** passport-azure-ad names itself in the address of the metadata. */
function withoutAdded(address: string): string {
  const url = new URL(address);
  url.searchParams.delete('x-client-SKU');
  url.searchParams.delete('x-client-Ver');
  return url.href;
}

async function responseOf(incoming: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  return new Response(Buffer.concat(chunks), { status: incoming.statusCode ?? 502, headers });
}

function fail(fault: Fault, outgoing: ServerResponse): void {
  const asJson = (): ServerResponse => outgoing.setHeader('content-type', 'application/json');
  switch (fault) {
    case 'down':
      outgoing.destroy();
      return;
    case 'silent':
      return;
    case 'HTML':
      outgoing
        .setHeader('content-type', 'text/html')
        .end('<!doctype html><title>Sign in to the Wi-Fi</title>');
      return;
    case 'empty':
      asJson().end();
      return;
    case 'null':
      asJson().end('null');
      return;
    case 'cut short':
      asJson().setHeader('content-length', 1000);
      outgoing.write('{"issuer":', () => outgoing.destroy());
      return;
    case '500 with JSON':
      outgoing.statusCode = 500;
      asJson().end('{"error":"temporarily_unavailable"}');
      return;
    case '302':
      outgoing.writeHead(302, { location: '/moved' }).end();
      return;
    case '404':
    case '429':
    case '500':
      outgoing.writeHead(Number(fault), { 'content-type': 'text/plain' }).end('no');
  }
}
