import type { IncomingMessage } from 'node:http';
import { request } from 'node:https';
import type { AuthorityServer } from '../../support/authority-server.js';
import { LoopbackAgent } from './loopback-agent.mjs';

/**
 * Makes a `fetch` that reaches one server on loopback for every address. Each call makes a new function, because
 * validators with one `fetch` share the documents they read.
 */
export function loopbackFetch({ port, certificate }: AuthorityServer): typeof globalThis.fetch {
  const agent = new LoopbackAgent(port, certificate);
  return (input, init) =>
    new Promise((resolve, reject) => {
      const outgoing = request(String(input), { agent, signal: init?.signal ?? undefined });
      outgoing.once('error', reject);
      outgoing.once('response', (incoming) => {
        responseOf(incoming).then(resolve, reject);
      });
      outgoing.end();
    });
}

async function responseOf(incoming: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values]) =>
    (values ?? []).map((value): [string, string] => [name, value]),
  );
  return new Response(Buffer.concat(chunks), { status: incoming.statusCode ?? 502, headers });
}
