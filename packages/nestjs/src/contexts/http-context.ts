import 'reflect-metadata';
import type { ServerResponse } from 'node:http';
import type { EntraGuardError, HttpAnswer, RequestLike } from '@entra-guard/core';
import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import { BaseExceptionFilter } from '@nestjs/core';
import { EntraGuardException } from '../entra-guard.exception.js';
import type { ContextAdapter, ContextCall, ContextHost, Lasting } from './context-adapter.js';

/** Nest's own metadata key of `@Sse`. */
const SSE = '__sse__';

/** Node's request inside Fastify's. */
type NestRequest = RequestLike & { readonly raw?: RequestLike };
type NestResponse = ServerResponse & { readonly raw?: ServerResponse };

/** HTTP, on Express and on Fastify. */
export const httpContext: ContextAdapter = {
  type: 'http',

  read(context: ExecutionContext, host: ContextHost): ContextCall {
    const request = context.switchToHttp().getRequest<NestRequest>();
    const raw = onFastify(host) && request.raw ? request.raw : request;
    const subjects = raw === request ? [request] : [request, raw];
    const call = { credentials: raw, request, subjects, scope: request };
    return isStream(context.getHandler()) ? { ...call, lasting: streamOf(context) } : call;
  },

  toException(answer: HttpAnswer, error: EntraGuardError, context: ExecutionContext, host: ContextHost) {
    const response = context.switchToHttp().getResponse<ServerResponse>();
    for (const name of ABOUT_THE_RESOURCE) response.removeHeader?.(name);
    for (const [name, value] of Object.entries(answer.headers)) {
      if (name === 'Content-Type' && host.httpAdapter?.getType() === 'express') labelJson(response, value);
      else host.httpAdapter?.setHeader(response, name, value);
    }
    return new EntraGuardException(answer, error);
  },

  answerThrown(exception: unknown, context: ArgumentsHost, { httpAdapter }: ContextHost): void {
    new BaseExceptionFilter(httpAdapter).catch(exception, context);
  },
};

/** Headers about the resource, which are wrong for a refusal. */
const ABOUT_THE_RESOURCE = ['Content-Type', 'Content-Encoding', 'Content-Language', 'Content-Range'];

/** Metadata is read once a handler, not once a request. */
const streams = new WeakMap<Function, boolean>();

function isStream(handler: Function): boolean {
  const known = streams.get(handler);
  if (known !== undefined) return known;
  const stream = Reflect.hasMetadata(SSE, handler);
  streams.set(handler, stream);
  return stream;
}

function onFastify({ httpAdapter }: ContextHost): boolean {
  return httpAdapter?.getType() === 'fastify';
}

/** A stream of server-sent events. Its head is sent already when the right ends: all that is left is to cut it off. */
function streamOf(context: ExecutionContext): Lasting {
  const response = context.switchToHttp().getResponse<NestResponse>();
  const stream = response.raw ?? response;
  return {
    key: stream,
    name: `${context.getClass().name}.${context.getHandler().name} (open stream)`,
    end: () => void stream.destroy(),
    onEnded: (listener) => {
      if (stream.destroyed || stream.writableEnded) listener();
      else stream.once('close', listener);
    },
  };
}

/**
 * Labels JSON when the head is written. Set any earlier, Nest 11 on Express would replace the type by `application/json`,
 * with a line in the log for each refused request.
 */
function labelJson(response: ServerResponse, type: string): void {
  const writeHead = response.writeHead;
  response.writeHead = (...head: unknown[]): ServerResponse => {
    const given = String(response.getHeader('Content-Type') ?? '');
    if (given.startsWith('application/json')) response.setHeader('Content-Type', type);
    return Reflect.apply(writeHead, response, head) as ServerResponse;
  };
}
