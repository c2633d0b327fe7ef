import {
  type Anonymous,
  ConfigurationError,
  consoleLog,
  type Grant,
  type Guard,
  type Health,
  type LogSink,
  ownOptions,
  type Validator,
} from '@entra-guard/core';
import { MIDDLE_TIER, middleTierOf } from '@entra-guard/core/downstream';
import { GUARD_ACCESS, guardAccessOf } from '@entra-guard/core/mcp';
import { type ErrorMiddleware, errorMiddleware } from './answers/error-middleware.js';
import {
  ConnectionGuard,
  type HandshakeMiddleware,
  type UpgradeListener,
} from './connections/connection-guard.js';
import { type Middleware, middleware } from './middleware.js';
import { assertAllGuarded } from './routes/assert-all-guarded.js';
import type { AssertAllGuardedOptions } from './routes/exceptions.js';
import { marked, wrapped } from './routes/mark.js';
import { RoutePlace } from './routes/route-name.js';
import { LastingConnections, type WhileAllowed } from './while-allowed.js';

/** Middlewares that share one validator. Each can be destructured. */
export interface ExpressGuard {
  /**
   * Accepts callers who satisfy the requirement. It authenticates them, so no other middleware is needed before it. Sets
   * `req.auth`, except for `anonymous()`, which declares a route open and reads no token.
   *
   * @throws ConfigurationError at once for a value that is not a requirement, and for a narrowing alone
   */
  readonly require: (requirement: Grant | Anonymous) => Middleware;
  /** Another name of `require`, for destructuring: `require` is reserved by CommonJS. */
  readonly protect: (requirement: Grant | Anonymous) => Middleware;
  /**
   * Validates the token and sets `req.auth`; requires no permission. With `optional`, a request without credentials goes on
   * without a caller (see `authOf`), and invalid credentials are still refused; on a route, that declares it open to callers
   * without a token.
   *
   * @throws ConfigurationError at once for unknown options
   */
  readonly authenticate: (options?: AuthenticateOptions) => Middleware;
  /**
   * Throws unless every route requires something or is declared open. Call it after the last route.
   *
   * ```ts
   * guard.assertAllGuarded(app, { except: { '/legacy/report': 'moves to the reports API in March' } });
   * ```
   *
   * @throws ConfigurationError that names every undecided route, and every exception that is for none
   */
  readonly assertAllGuarded: (app: object, options?: AssertAllGuardedOptions) => void;
  /**
   * Returns an error handler that answers errors of entra-guard as the guard does, and passes others on. For applications
   * whose handlers call `authorize()`, or whose guard has `passErrors`. Put it behind the last route.
   *
   * ```ts
   * app.use(guard.answerErrors());
   * ```
   */
  readonly answerErrors: () => ErrorMiddleware;
  /**
   * For responses that last, such as streams of events, and for connections: judges the caller at once, whenever a revocation
   * concerns the caller, when the token expires, and at least once a minute. Once the caller is refused, ends it. A response whose
   * headers are not sent yet is answered as the guard does; a WebSocket of `ws` is closed with 4401 and the code, a socket of
   * socket.io is told in the event `exception`. The signal aborts then, with the error, and when the connection is closed. Call it
   * after a guard.
   *
   * ```ts
   * app.get('/events', guard.require(scopes('Orders.Read')), async (req, res) => {
   *   const signal = guard.whileAllowed(req, res);
   *   for await (const event of events({ signal })) res.write(`data: ${JSON.stringify(event)}\n\n`);
   * });
   * ```
   *
   * @throws ConfigurationError for what is not a connection
   */
  readonly whileAllowed: WhileAllowed;
  /**
   * Judges requests for an upgrade, such as WebSockets, and hands over what is accepted; others are answered as the guard does. The
   * token is in the `Authorization` header, or in a sub-protocol `entra-guard.bearer.<token>`, which is taken out of the request.
   * What was accepted is watched as by {@link whileAllowed}, which makes a proper close of it when it is given the WebSocket.
   *
   * ```ts
   * server.on('upgrade', guard.upgrade(scopes('Orders.Read'), (req, socket, head) => {
   *   wss.handleUpgrade(req, socket, head, (ws) => {
   *     guard.whileAllowed(req, ws);
   *     wss.emit('connection', ws, req);
   *   });
   * }));
   * ```
   *
   * @param accept takes the connection; `authOf(req)` is the caller
   * @throws ConfigurationError at once for a value that is not a requirement, for a narrowing alone, and for what is not a function
   */
  readonly upgrade: (requirement: Grant | Anonymous, accept: UpgradeListener) => UpgradeListener;
  /**
   * Judges clients of socket.io by the token in `auth.token` or in the `Authorization` header, and watches those that it accepts as
   * {@link whileAllowed} does. `authOf(socket)` is the caller. For each namespace: `io.use(guard.handshake(scopes('Orders.Read')))`.
   *
   * @throws ConfigurationError at once for a value that is not a requirement, and for a narrowing alone
   */
  readonly handshake: (requirement: Grant | Anonymous) => HandshakeMiddleware;
  /**
   * Declares that your function calls another one, and nothing before it. A wrapper hides a guard from `assertAllGuarded`
   * without this; agents such as New Relic do not need it. If `inner` is not a guard, nothing changes.
   *
   * ```ts
   * const asyncHandler = (fn: Middleware) =>
   *   guard.wrapped((req, res, next) => Promise.resolve(fn(req, res, next)).catch(next), fn);
   * ```
   *
   * @param wrapper your function, which is returned
   * @param inner what it calls
   * @throws ConfigurationError for what is not a function, and for a wrapper of another guard
   */
  readonly wrapped: <F extends object>(wrapper: F, inner: object) => F;
  /**
   * Loads signing keys if none are loaded yet, and says whether requests can be decided about: `up`, `degraded` or `down`. For
   * readiness probes and for start-up. Never rejects.
   */
  readonly health: () => Promise<Health>;
  /**
   * Prepares the guard before the first request: loads signing keys. Optional; `health()` does the same and never rejects.
   *
   * @throws UnavailableError while they can't be read (as a rejection)
   */
  readonly ready: () => Promise<void>;
  /** Closes all that the guard was given, when the application shuts down. Idempotent. */
  readonly close: () => Promise<void>;
  /** Like `close`, for `await using`. */
  readonly [Symbol.asyncDispose]: () => Promise<void>;
  /** The validator: `state()` shows its keys. */
  readonly validator: Validator;
}

/** How to authenticate. */
export interface AuthenticateOptions {
  /** Accepts requests without credentials. Default `false`. */
  readonly optional?: boolean;
}

/** Settings of the middlewares themselves. */
export interface HostSettings {
  readonly passErrors: boolean;
  /** Default: the console. */
  readonly log?: LogSink | false | undefined;
}

/** Makes the middlewares for a guard of the core. */
export function middlewaresOf(guard: Guard, { passErrors, log = consoleLog }: HostSettings): ExpressGuard {
  const lasting = new LastingConnections(guard);
  const connections = new ConnectionGuard(guard, lasting, log);
  const close = (): Promise<void> => {
    lasting.close();
    return guard.close();
  };

  const require = (requirement: Grant | Anonymous): Middleware => {
    guard.declare(requirement);
    return marked(
      middleware(guard, passErrors, (request) => guard.decide(request, requirement, new RoutePlace(request))),
      requirement,
      guard,
    );
  };

  const authenticate = (given: AuthenticateOptions = {}): Middleware => {
    const optional = optionalFrom(given);
    return marked(
      middleware(guard, passErrors, (request) =>
        guard.authenticate(request, new RoutePlace(request, optional)),
      ),
      optional ? 'optional' : 'authenticate',
      guard,
    );
  };

  const made: ExpressGuard = {
    require,
    protect: require,
    authenticate,
    assertAllGuarded: (app: object, options: AssertAllGuardedOptions = {}) =>
      assertAllGuarded(app, options, { maker: guard, log }),
    answerErrors: () => marked(errorMiddleware(guard, log), 'answers', guard),
    whileAllowed: lasting.watch,
    upgrade: connections.upgrade,
    handshake: connections.handshake,
    wrapped,
    ready: () => guard.ready(),
    health: () => guard.health(),
    close,
    [Symbol.asyncDispose]: close,
    validator: guard.validator,
  };
  // For @entra-guard/downstream and @entra-guard/mcp, which are given the guard.
  Object.defineProperty(made, MIDDLE_TIER, { value: middleTierOf(guard) });
  Object.defineProperty(made, GUARD_ACCESS, { value: guardAccessOf(guard) });
  cores.set(made, guard);
  return Object.freeze(made);
}

const cores = new WeakMap<object, Guard>();

/** The guard of the core behind the middlewares; `undefined` for anything that this package has not made. */
export function coreOf(guard: ExpressGuard): Guard | undefined {
  return cores.get(guard);
}

/** @throws ConfigurationError for a value that is neither `true` nor `false` */
export function assertBoolean(name: string, value: unknown): void {
  if (typeof value !== 'boolean') {
    throw new ConfigurationError(`${name} was given ${typeof value}.`, 'It is true or false.');
  }
}

function optionalFrom(given: AuthenticateOptions): boolean {
  if (typeof given !== 'object' || given === null) {
    throw new ConfigurationError(
      `authenticate() was given ${given === null ? 'null' : typeof given}.`,
      'Pass nothing, or { optional: true }. Permissions are for guard.require(...).',
    );
  }
  const own = ownOptions('authenticate()', given, ['optional']);
  const unknown = Object.keys(own).find((name) => name !== 'optional');
  if (unknown !== undefined) {
    throw new ConfigurationError(
      `authenticate() does not know the option '${unknown}'.`,
      'It knows one: authenticate({ optional: true }). Permissions are for guard.require(...).',
    );
  }
  const { optional = false } = own;
  assertBoolean('optional', optional);
  return optional;
}
