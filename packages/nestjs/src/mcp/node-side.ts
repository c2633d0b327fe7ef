import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';

/** Node's side of a request: MCP-Nest writes to it, and so does the gate. */
export interface NodeSide {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Fastify's request and reply, around Node's. */
interface FastifyRequest {
  readonly raw: IncomingMessage;
  readonly body?: unknown;
}
interface FastifyReply {
  readonly raw: ServerResponse;
  getHeaders(): Readonly<Record<string, number | string | readonly string[] | undefined>>;
}

/** Finds Node's request, with the body that a parser has read, and Node's response, with the headers that were set so far. */
export function nodeSideOf(context: ExecutionContext): NodeSide {
  const http = context.switchToHttp();
  const request = http.getRequest<IncomingMessage | FastifyRequest>();
  const response = http.getResponse<ServerResponse | FastifyReply>();
  if (!('raw' in request) || !('raw' in response)) {
    return { request: request as IncomingMessage, response: response as ServerResponse };
  }
  const { raw, body } = request;
  if (body !== undefined) {
    Object.defineProperty(raw, 'body', { value: body, configurable: true, enumerable: true, writable: true });
  }
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) response.raw.setHeader(name, value);
  }
  return { request: raw, response: response.raw };
}
