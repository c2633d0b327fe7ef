import type { IncomingMessage } from 'node:http';
import { type AuthContext, ConfigurationError, type Guard, type RequestLike } from '@entra-guard/core';
import {
  endConnection,
  handshakeOf,
  partsOf,
  refusalOf,
  rememberUpgrade,
  upgradeCredentials,
  withoutTokens,
} from '@entra-guard/core/connections';
import type { INestApplicationContext, WebSocketAdapter } from '@nestjs/common';
import { rememberOpener } from '../calls/request-auth.js';
import type { ContextRegistry } from '../contexts/context-registry.js';
import type { ShownCoverage } from '../coverage/shown-coverage.js';
import { CONTEXT_REGISTRY, CORE_GUARD, COVERAGE } from '../entra-guard.tokens.js';
import { OpenRights } from '../lasting/open-rights.js';
import { connectionOf } from './connection.js';
import type { WebSocketContext } from './websocket-context.js';

/** A server of socket.io, or one of its namespaces. */
interface SocketIoServer {
  use(middleware: (socket: object, next: (error?: Error) => void) => void): unknown;
}

type VerifyClient = (
  info: { readonly req: IncomingMessage },
  done: (accept: boolean, status?: number, body?: string, headers?: Record<string, string>) => void,
) => void;

const NAME = 'WebSocket connection';

/**
 * Guards the connections of gateways: accepts a client with a valid token, and closes the connection when the token expires
 * or is revoked, so that nothing is pushed to a caller whose right has ended.
 *
 * ```ts
 * app.useWebSocketAdapter(guardConnections(app, new IoAdapter(app)));
 * ```
 *
 * @throws ConfigurationError where the module does not know `webSocketContext()`
 */
export function guardConnections<A extends WebSocketAdapter>(app: INestApplicationContext, adapter: A): A {
  const connections = new Connections(app);
  return new Proxy(adapter, {
    get(target, name) {
      if (name === 'create') return connections.create(target);
      if (name === 'bindClientConnect') return connections.bindClientConnect(target);
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}

/** What an adapter calls when a client has connected. */
type OnConnect = (client: object, request?: IncomingMessage) => void;

class Connections {
  readonly #core: Guard;
  readonly #openRights: OpenRights;
  readonly #anonymous: boolean;
  readonly #shown: ShownCoverage;
  readonly #servers = new WeakSet<object>();
  /** By the socket of socket.io or the request of `ws`; `undefined` for one that brought no token. */
  readonly #admitted = new WeakMap<object, { readonly auth: AuthContext | undefined }>();

  constructor(app: INestApplicationContext) {
    const context = contextOf(app);
    this.#core = app.get<Guard>(CORE_GUARD, { strict: false });
    this.#openRights = app.get(OpenRights, { strict: false });
    this.#anonymous = context.anonymousConnections;
    this.#shown = app.get<ShownCoverage>(COVERAGE, { strict: false });
    this.#shown.connectionsGuarded = 'made';
  }

  create(adapter: WebSocketAdapter): (port: number, options?: Record<string, unknown>) => unknown {
    return (port, options = {}) => {
      this.#shown.connectionsGuarded = 'used';
      const server: unknown = adapter.create(port, {
        ...options,
        verifyClient: this.#verifyClient(options.verifyClient),
        handleProtocols: protocolChoice(options.handleProtocols),
      });
      // Not read from the options: the application's adapter may add to them.
      if (recoversState(server)) throw recoveryRefused();
      return server;
    };
  }

  bindClientConnect(adapter: WebSocketAdapter): (server: object, onConnect: OnConnect) => unknown {
    return (server, onConnect) => {
      if (isSocketIo(server) && !this.#servers.has(server)) {
        this.#servers.add(server);
        server.use((socket, next) => void this.#enter(socket, next));
      }
      return adapter.bindClientConnect(
        server,
        (client: object, request?: IncomingMessage, ...rest: never[]) =>
          this.#connect(client, request, () =>
            Reflect.apply(onConnect, undefined, [client, request, ...rest]),
          ),
      );
    };
  }

  /** socket.io: before the client is told that it is connected. */
  async #enter(socket: object, next: (error?: Error) => void): Promise<void> {
    try {
      await this.#admit(socket, handshakeOf(socket));
    } catch (error) {
      const refusal = refusalOf(this.#core.toHttp(error));
      next(Object.assign(new Error(refusal.message), { data: refusal }));
      return;
    }
    next();
  }

  /** `ws`: before the connection is upgraded, so that the refusal is an ordinary HTTP answer. */
  #verifyClient(own: unknown): VerifyClient {
    return (info, done) => {
      this.#admit(info.req, upgradeCredentials(info.req)).then(
        () => askAlso(own, info, done),
        (error) => {
          const { status, body, headers } = this.#core.toHttp(error);
          done(false, status, JSON.stringify(body), { ...headers });
        },
      );
    };
  }

  async #admit(subject: object, credentials: RequestLike = { headers: {} }): Promise<void> {
    // A gateway with a separate port listens before the check at boot.
    await this.#shown.boot.over();
    const auth = await this.#core.authenticate(credentials, { handler: NAME, optional: this.#anonymous });
    this.#admitted.set(subject, { auth });
  }

  #connect(client: object, request: IncomingMessage | undefined, onConnect: () => void): void {
    if (request !== undefined) rememberUpgrade(client, request);
    const admitted = this.#admitted.get(client) ?? (request && this.#admitted.get(request));
    if (admitted !== undefined) {
      this.#begin(client, request, admitted.auth);
      onConnect();
      return;
    }
    // An adapter of another kind, or a server that was made elsewhere: nothing has judged the connection yet.
    this.#admit(client, handshakeOf(client)).then(
      () => {
        this.#begin(client, request, this.#admitted.get(client)?.auth);
        onConnect();
      },
      (error) => endConnection(client, this.#core.toHttp(error)),
    );
  }

  #begin(client: object, request: IncomingMessage | undefined, auth: AuthContext | undefined): void {
    if (auth === undefined) return;
    rememberOpener([client, ...partsOf(client), ...(request === undefined ? [] : [request])], auth);
    const credentials = (): RequestLike => handshakeOf(client) ?? { headers: {} };
    this.#openRights.watch(connectionOf(client, NAME), auth, credentials);
  }
}

function contextOf(app: INestApplicationContext): WebSocketContext {
  const context = app.get<ContextRegistry>(CONTEXT_REGISTRY, { strict: false }).get('ws');
  if (context !== undefined && 'anonymousConnections' in context) return context as WebSocketContext;
  throw new ConfigurationError(
    'guardConnections(app, …) was called, and EntraGuardModule has no adapter for gateways.',
    'Give it contexts: [webSocketContext()].',
  );
}

/** Whether socket.io sends what a recovered session missed before the new connection is judged. */
function recoversState(server: unknown): boolean {
  const { server: parent } = server as { readonly server?: unknown };
  const { opts } = (parent ?? server) as { readonly opts?: { readonly connectionStateRecovery?: unknown } };
  return opts?.connectionStateRecovery !== undefined;
}

function recoveryRefused(): ConfigurationError {
  return new ConfigurationError(
    'A server of socket.io has the option connectionStateRecovery: a client that reconnects is sent what it missed before its token is looked at, even when its right has ended.',
    'Remove the option, and let clients ask for what they missed.',
  );
}

/** Asks the gateway's own `verifyClient` after ours: it can refuse more, never less. */
function askAlso(own: unknown, info: Parameters<VerifyClient>[0], done: Parameters<VerifyClient>[1]): void {
  if (typeof own !== 'function') done(true);
  else if (own.length === 2) own(info, done);
  else done(own(info) === true, 401);
}

/** Chooses among the sub-protocols that hold no token; the first, unless the gateway's own options choose. */
function protocolChoice(own: unknown): (protocols: Set<string>, request: IncomingMessage) => string | false {
  return (protocols, request) => {
    const choice = withoutTokens(protocols);
    if (choice.length === 0) return false;
    const chosen: unknown = typeof own === 'function' ? own(new Set(choice), request) : choice[0];
    return typeof chosen === 'string' && choice.includes(chosen) ? chosen : false;
  };
}

function isSocketIo(server: object): server is SocketIoServer {
  return typeof (server as Partial<SocketIoServer>).use === 'function';
}
