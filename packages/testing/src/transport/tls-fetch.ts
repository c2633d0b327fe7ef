import type { IncomingMessage } from 'node:http';
import { Agent, request as httpsRequest } from 'node:https';
import { assertOurs, networkError } from './in-process-fetch.js';

/**
 * Makes a `fetch` for one local Entra over TLS. It trusts that certificate only, so nothing has to be installed and
 * `NODE_EXTRA_CA_CERTS` is not needed. It does not follow redirects.
 */
export function tlsFetch(origin: string, certificate: string): typeof fetch {
  // A separate agent: an agent's `ca` overrides a request's, and the application may have set `ca` on the global agent.
  // The leaf certificate alone is trusted, also when a certification authority issued it.
  const agent = new Agent({ ca: certificate, allowPartialTrustChain: true });
  return async (input, init) => {
    const request = new Request(input, init);
    assertOurs(request.url, origin);
    request.signal.throwIfAborted();
    const body = Buffer.from(await request.arrayBuffer());
    return new Promise((resolve, reject) => {
      const failed = (error: unknown) => {
        reject(request.signal.aborted ? request.signal.reason : networkError(error));
      };
      const outgoing = httpsRequest(request.url, {
        method: request.method,
        headers: { ...Object.fromEntries(request.headers), 'content-length': body.length },
        agent,
        signal: request.signal,
      });
      outgoing.once('error', failed);
      outgoing.once('response', (incoming) => {
        responseOf(incoming).then(resolve, failed);
      });
      outgoing.end(body);
    });
  };
}

async function responseOf(incoming: IncomingMessage): Promise<Response> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    for (const one of Array.isArray(value) ? value : [value ?? '']) headers.append(name, one);
  }
  const status = incoming.statusCode ?? 502;
  const empty = status === 204 || status === 205 || status === 304;
  return new Response(empty ? null : Buffer.concat(chunks), { status, headers });
}
