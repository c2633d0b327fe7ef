import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ExecutionContext } from '@nestjs/common';
import type { ContextHost } from '../contexts/context-adapter.js';

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
export function nodeSideOf(context: ExecutionContext, { httpAdapter }: ContextHost): NodeSide {
  const http = context.switchToHttp();
  if (httpAdapter?.getType() !== 'fastify')
    return { request: http.getRequest(), response: http.getResponse() };
  const { raw, body } = http.getRequest<FastifyRequest>();
  const response = http.getResponse<FastifyReply>();
  if (body !== undefined) {
    Object.defineProperty(raw, 'body', { value: body, configurable: true, enumerable: true, writable: true });
  }
  for (const [name, value] of Object.entries(response.getHeaders())) {
    if (value !== undefined) response.raw.setHeader(name, value);
  }
  return { request: raw, response: response.raw };
}
