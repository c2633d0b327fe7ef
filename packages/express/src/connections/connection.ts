import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { ConfigurationError, EntraGuardError, type Guard } from '@entra-guard/core';
import { endConnection, onConnectionEnded } from '@entra-guard/core/connections';
import { writeAnswer } from '../answers/answer.js';

/** A WebSocket of `ws`, or of another library with its interface. */
export interface WebSocketLike {
  readonly readyState: number;
  close(code?: number, reason?: string): void;
  terminate?(): void;
  once(event: string, listener: () => void): unknown;
  removeAllListeners?(event: string): unknown;
}

/** A socket of a server of socket.io. */
export interface SocketIoLike {
  readonly handshake: object;
  /** Its connection, which other namespaces may share. */
  readonly conn: {
    readonly readyState: string;
    close(): unknown;
    once(event: string, listener: () => void): unknown;
  };
  disconnect(close?: boolean): unknown;
  emit(event: string, data: unknown): unknown;
  once(event: string, listener: () => void): unknown;
}

/** What is open for a caller: a response, the socket of an upgrade, or what a library made of that. */
export type Connection = ServerResponse | Duplex | WebSocketLike | SocketIoLike;

/** How one kind of connection ends. */
export interface Ending {
  /** Ends it, for a refusal or because the guard was closed. */
  end(error: unknown): void;
  /** Calls back when it has ended, at once if it has ended already. */
  onEnded(listener: () => void): void;
}

/** After how long a WebSocket is cut off whose client does not close it, in milliseconds. */
const CUT_OFF = 500;
/** RFC 6455 section 7.4.1: the server is going down. */
const GOING_AWAY = 1001;

/**
 * @param method of the request
 * @throws ConfigurationError for what is not a connection
 */
export function endingOf(connection: Connection, guard: Guard, method?: string): Ending {
  if (isResponse(connection)) return responseEnding(connection, guard, method);
  if (isSocketIo(connection)) return socketIoEnding(connection, guard);
  if (isWebSocket(connection)) return webSocketEnding(connection, guard);
  if (isStream(connection)) return streamEnding(connection);
  throw new ConfigurationError(
    'guard.whileAllowed() was given something that is not a connection.',
    'Pass the response, the socket of an upgrade, or the client of ws or socket.io: guard.whileAllowed(req, res).',
  );
}

function responseEnding(response: ServerResponse, guard: Guard, method: string | undefined): Ending {
  return {
    end: (error) => {
      if (response.headersSent || !EntraGuardError.is(error)) response.end();
      else writeAnswer(response, method, guard.toHttp(error));
    },
    onEnded: (listener) => void response.once('close', listener),
  };
}

/** What a client goes on sending instead of closing is not listened to. */
function webSocketEnding(client: WebSocketLike, guard: Guard): Ending {
  return {
    end: (error) => {
      client.removeAllListeners?.('message');
      if (EntraGuardError.is(error)) endConnection(client, guard.toHttp(error));
      else client.close(GOING_AWAY);
      const timer = setTimeout(() => client.terminate?.(), CUT_OFF);
      timer.unref();
      onConnectionEnded(client, () => clearTimeout(timer));
    },
    onEnded: (listener) => onConnectionEnded(client, listener),
  };
}

function socketIoEnding(socket: SocketIoLike, guard: Guard): Ending {
  return {
    end: (error) => {
      if (EntraGuardError.is(error)) endConnection(socket, guard.toHttp(error));
      else socket.disconnect(true);
      // A socket that is still in its middlewares can't be disconnected.
      socket.conn.close();
    },
    onEnded: (listener) => {
      if (socket.conn.readyState === 'closed') listener();
      socket.once('disconnect', listener);
      socket.conn.once('close', listener);
    },
  };
}

function streamEnding(socket: Duplex): Ending {
  return {
    end: () => socket.destroy(),
    onEnded: (listener) => {
      if (socket.destroyed) listener();
      else socket.once('close', listener);
    },
  };
}

export function isResponse(connection: object): connection is ServerResponse {
  return typeof (connection as Partial<ServerResponse>).setHeader === 'function';
}

export function isSocketIo(connection: object): connection is SocketIoLike {
  const { handshake, disconnect } = connection as Partial<SocketIoLike>;
  return typeof handshake === 'object' && typeof disconnect === 'function';
}

function isWebSocket(connection: object): connection is WebSocketLike {
  const { readyState, close } = connection as { readonly readyState?: unknown; readonly close?: unknown };
  return typeof readyState === 'number' && typeof close === 'function';
}

function isStream(connection: object): connection is Duplex {
  const { destroy, write } = connection as Partial<Duplex>;
  return typeof destroy === 'function' && typeof write === 'function';
}
