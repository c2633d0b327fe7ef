import { type EntraGuardError, type HttpAnswer, ownOptions } from '@entra-guard/core';
import { handshakeOf } from '@entra-guard/core/connections';
import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import { BaseWsExceptionFilter, type WsException } from '@nestjs/websockets';
import type { ContextAdapter, ContextCall } from '../contexts/context-adapter.js';
import { connectionOf, isNative } from './connection.js';
import { EntraGuardWsException } from './entra-guard.ws-exception.js';
import { gatewaysRunGlobalGuards } from './global-guards.js';

/** What checks get as `request` on a gateway. */
export interface WebSocketCall {
  /** The socket of socket.io, or the client of `ws`. */
  readonly client: unknown;
  /** What the message holds. */
  readonly data: unknown;
}

/** How gateways are guarded. */
export interface WebSocketContextOptions {
  /**
   * Whether connections without a token are let in, for `@Public()` and `@OptionalAuth()` handlers. What gateways push to
   * all clients reaches them as well. Default `false`. An invalid token is always refused.
   */
  readonly anonymousConnections?: boolean;
}

/** The adapter, and what it was told. */
export interface WebSocketContext extends ContextAdapter {
  readonly anonymousConnections: boolean;
}

/**
 * Lets the guard judge the messages of gateways, on socket.io and on `ws`, by the token that their connection brought.
 * `guardConnections` has to guard the connections, too.
 *
 * ```ts
 * EntraGuardModule.forRoot({ tenantId, clientId, contexts: [webSocketContext()] })
 * ```
 */
export function webSocketContext(options: WebSocketContextOptions = {}): WebSocketContext {
  return {
    type: 'ws',
    anonymousConnections:
      ownOptions('webSocketContext()', options, ['anonymousConnections']).anonymousConnections === true,
    runsGlobalGuards: gatewaysRunGlobalGuards,
    read,
    toException,
    answerThrown,
  };
}

function read(context: ExecutionContext): ContextCall {
  const host = context.switchToWs();
  const client = host.getClient<object>();
  return {
    credentials: handshakeOf(client),
    request: { client, data: host.getData<unknown>() } satisfies WebSocketCall,
    subjects: [client],
    shared: true,
    scope: client,
    lasting: connectionOf(client, `${context.getClass().name} (open connection)`),
  };
}

function toException(answer: HttpAnswer, error: EntraGuardError, context: ExecutionContext): unknown {
  const exception = new EntraGuardWsException(answer, error);
  const client: unknown = context.switchToWs().getClient();
  // In 10 and 11 Nest's filter "emits" to such a client, which only calls listeners on this side.
  if (!filterSendsToNative && isNative(client)) {
    client.send(JSON.stringify({ event: 'exception', data: exception.getError() }));
  }
  return exception;
}

function answerThrown(exception: unknown, context: ArgumentsHost): void {
  const { emit } = context.switchToWs().getClient<{ readonly emit?: unknown }>();
  if (typeof emit === 'function') new BaseWsExceptionFilter().catch(exception as WsException, context);
}

const filterSendsToNative = 'emitMessage' in BaseWsExceptionFilter.prototype;
