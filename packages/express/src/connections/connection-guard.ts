import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import {
  type Anonymous,
  type AuthContext,
  ConfigurationError,
  type Grant,
  type Guard,
  type LogSink,
  type RequestLike,
} from '@entra-guard/core';
import { handshakeOf, refusalOf, upgradeCredentials, withoutTokens } from '@entra-guard/core/connections';
import { setCaller, setCallerOfConnection } from '../caller.js';
import { tell, warn } from '../routes/exceptions.js';
import type { LastingConnections } from '../while-allowed.js';
import { endingOf, type SocketIoLike } from './connection.js';
import { refuseUpgrade } from './refuse-upgrade.js';

/** A listener for `server.on('upgrade', …)`. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** A socket of socket.io, with the request that it came by. */
export type SocketIoHandshake = SocketIoLike & { readonly request: IncomingMessage };

/** A middleware for `io.use(…)`. */
export type HandshakeMiddleware = (socket: SocketIoHandshake, next: (error?: Error) => void) => void;

/** For logs and audit events. */
const NAME = 'WebSocket connection';

/** Judges who opens a connection, and watches what was accepted. */
export class ConnectionGuard {
  readonly #guard: Guard;
  readonly #lasting: LastingConnections;
  readonly #log: LogSink | false;
  #hasWarned = false;

  constructor(guard: Guard, lasting: LastingConnections, log: LogSink | false) {
    this.#guard = guard;
    this.#lasting = lasting;
    this.#log = log;
  }

  /** See `ExpressGuard.upgrade`. */
  readonly upgrade = (requirement: Grant | Anonymous, accept: UpgradeListener): UpgradeListener => {
    this.#guard.declare(requirement, NAME);
    if (typeof accept !== 'function') {
      throw new ConfigurationError(
        `guard.upgrade(requirement, accept) was given ${accept === null ? 'null' : typeof accept} for accept.`,
        'Pass the function that takes the connection: (req, socket, head) => wss.handleUpgrade(req, socket, head, …).',
      );
    }
    return (request, socket, head) => {
      // Node takes its own listener off. Without one the process ends when a client breaks off meanwhile.
      socket.on('error', ignore);
      const credentials = upgradeCredentials(request);
      const place = { handler: NAME, request };
      this.#guard.require(credentials, requirement, place).then(
        (auth) => {
          if (socket.destroyed) return;
          const hidden = hidesToken(request);
          if (auth === undefined) setCaller(request, undefined);
          else {
            this.#admit(request, auth, hidden);
            this.#lasting.begin(request, endingOf(socket, this.#guard), credentials, place);
          }
          this.#hand(accept, request, socket, head);
        },
        (error) => refuseUpgrade(request, socket, this.#guard.toHttp(error)),
      );
    };
  };

  /** See `ExpressGuard.handshake`. */
  readonly handshake = (requirement: Grant | Anonymous): HandshakeMiddleware => {
    this.#guard.declare(requirement, NAME);
    return (socket, next) => {
      this.#enter(socket, requirement).then(
        () => next(),
        (error) => {
          const refusal = refusalOf(this.#guard.toHttp(error));
          next(Object.assign(new Error(refusal.message), { data: refusal }));
        },
      );
    };
  };

  async #enter(socket: SocketIoHandshake, requirement: Grant | Anonymous): Promise<void> {
    if (recoversState(socket)) throw this.#recoveryRefused();
    const place = { handler: NAME, request: socket.request };
    const credentials = handshakeOf(socket) as RequestLike;
    const auth = await this.#guard.require(credentials, requirement, place);
    if (auth === undefined) return;
    this.#admit(socket, auth, true);
    this.#lasting.begin(socket, endingOf(socket, this.#guard), credentials, place);
  }

  #admit(subject: IncomingMessage | SocketIoHandshake, auth: AuthContext, hidden: boolean): void {
    const loader = this.#guard.loadsUsers ? this.#guard : undefined;
    if (hidden) setCallerOfConnection(subject, auth, loader);
    else setCaller(subject as IncomingMessage, auth, loader);
  }

  /** An error of the application is logged and closes this connection: there is no handler of Express behind it. */
  #hand(accept: UpgradeListener, request: IncomingMessage, socket: Duplex, head: Buffer): void {
    try {
      accept(request, socket, head);
      socket.off('error', ignore);
    } catch (error) {
      socket.destroy();
      const message = 'Taking over a connection failed, and it was closed.';
      tell(this.#log, {
        level: 'error',
        event: 'refused',
        message,
        hint: 'See the cause.',
        cause: String(error),
        handler: NAME,
      });
    }
  }

  #recoveryRefused(): ConfigurationError {
    const error = new ConfigurationError(
      'The server of socket.io has the option connectionStateRecovery: a client that reconnects is sent what it missed before its token is looked at, even when its right has ended. Its connections are refused.',
      'Remove the option, and let clients ask for what they missed.',
    );
    if (!this.#hasWarned) warn(this.#log, error.problem, error.hint);
    this.#hasWarned = true;
    return error;
  }
}

/**
 * Takes the token out of the sub-protocols that the client offers, so that no library chooses it and sends it back. Returns
 * whether there was one.
 */
function hidesToken({ headers }: IncomingMessage): boolean {
  const offered = headers['sec-websocket-protocol'];
  if (offered === undefined) return false;
  const protocols = offered.split(',').map((protocol) => protocol.trim());
  const others = withoutTokens(protocols);
  if (others.length === protocols.length) return false;
  if (others.length > 0) headers['sec-websocket-protocol'] = others.join(', ');
  else delete headers['sec-websocket-protocol'];
  return true;
}

/** Whether socket.io sends what a recovered session missed before anything is judged. */
function recoversState(socket: object): boolean {
  const { nsp } = socket as { readonly nsp?: { readonly server?: { readonly opts?: object } } };
  return (nsp?.server?.opts as Recovering | undefined)?.connectionStateRecovery !== undefined;
}

interface Recovering {
  readonly connectionStateRecovery?: unknown;
}

function ignore(): void {
  // The stream is destroyed then, which is all there is to do.
}
