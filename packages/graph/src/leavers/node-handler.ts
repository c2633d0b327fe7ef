import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

/**
 * Makes a handler for `node:http` and Express of one for `Request` and `Response`. A body that a parser has read already is taken from
 * `req.body`.
 */
export function nodeHandler(handle: (request: Request) => Promise<Response>) {
  return async (req: IncomingMessage & { readonly body?: unknown }, res: ServerResponse): Promise<void> => {
    const response = await answered(() => handle(requestOf(req)));
    res.statusCode = response.status;
    for (const [name, value] of response.headers) res.setHeader(name, value);
    // What was not read of the body would keep the connection from being used again.
    req.resume();
    res.end(Buffer.from(await response.arrayBuffer()));
  };
}

/** An error that leaves a handler of `node:http` would end the process. */
async function answered(handle: () => Promise<Response>): Promise<Response> {
  try {
    return await handle();
  } catch {
    return new Response(null, { status: 500 });
  }
}

function requestOf(req: IncomingMessage & { readonly body?: unknown }): Request {
  // Host and path are the client's words, and only the query is needed.
  const [, query = ''] = /\?([^#]*)/.exec(req.url ?? '') ?? [];
  const url = `http://localhost/?${query}`;
  // All other methods are refused alike, and some of them no Request can have.
  if (req.method !== 'POST') return new Request(url);
  return new Request(url, { method: 'POST', body: bodyOf(req), duplex: 'half' } as RequestInit);
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
