import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/**
 * Makes a handler for `node:http` and Express of one for `Request` and `Response`. A body that a parser has read already is taken from
 * `req.body`.
 */
export function nodeHandler(handle: (request: Request) => Promise<Response>) {
  return async (req: IncomingMessage & { readonly body?: unknown }, res: ServerResponse): Promise<void> => {
    const response = await handle(requestOf(req)).catch(() => new Response(null, { status: 500 }));
    res.statusCode = response.status;
    for (const [name, value] of response.headers) res.setHeader(name, value);
    // What was not read of the body would keep the connection from being used again.
    req.resume();
    res.end(Buffer.from(await response.arrayBuffer()));
  };
}

function requestOf(req: IncomingMessage & { readonly body?: unknown }): Request {
  // The host is the client's word, and only the query is needed.
  const path = /^\/[^\s#]*$/.test(req.url ?? '') ? `.${req.url}` : '';
  const url = new URL(path, 'http://localhost/');
  const method = req.method ?? 'GET';
  if (method !== 'POST')
    return new Request(url, {
      method: /^[A-Z]+$/.test(method) && method !== 'TRACE' && method !== 'CONNECT' ? method : 'GET',
    });
  return new Request(url, { method, body: bodyOf(req), duplex: 'half' } as RequestInit);
}

function bodyOf(
  req: IncomingMessage & { readonly body?: unknown },
): string | Uint8Array | ReadableStream<Uint8Array> {
  const { body } = req;
  if (typeof body === 'string') return body;
  if (Buffer.isBuffer(body)) return new Uint8Array(body);
  if (typeof body === 'object' && body !== null && req.readableEnded) return JSON.stringify(body);
  return Readable.toWeb(req) as ReadableStream<Uint8Array>;
}
