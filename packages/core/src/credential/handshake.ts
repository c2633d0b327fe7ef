import type { IncomingMessage } from 'node:http';
import { authorizationOf, requestWith } from './authorization-values.js';
import type { RequestLike } from './headers.js';

/**
 * What a browser offers as a sub-protocol in place of the header that it can't set, the token at its end:
 * `new WebSocket(url, ['orders.v1', `entra-guard.bearer.${token}`])`. It is never chosen, so never sent back.
 */
export const TOKEN_PROTOCOL = 'entra-guard.bearer.';

/** What socket.io keeps of a handshake. */
interface SocketIoClient {
  readonly handshake: {
    readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
    readonly auth?: unknown;
  };
  readonly request?: IncomingMessage;
}

/** The requests that clients of `ws` came by: only the event of the connection has them. */
const upgrades = new WeakMap<object, IncomingMessage>();

/** Remembers the request that a connection came by. */
export function rememberUpgrade(client: object, request: IncomingMessage): void {
  upgrades.set(client, request);
}

/**
 * Returns the credentials of a connection, a new object each time, so that each message is judged. `undefined` where the
 * request is unknown, because `guardConnections` does not guard the connections.
 */
export function handshakeOf(client: unknown): RequestLike | undefined {
  if (typeof client !== 'object' || client === null) return undefined;
  if (isSocketIo(client)) {
    const { headers, auth } = client.handshake;
    return requestWith([...authorizationOf(client.request ?? { headers }), ...payloadToken(auth)], headers);
  }
  const request = upgrades.get(client);
  return request === undefined ? undefined : upgradeCredentials(request);
}

/** The objects that stand for a connection of socket.io, apart from its socket. */
export function partsOf(client: object): readonly object[] {
  if (!isSocketIo(client)) return [];
  return client.request === undefined ? [client.handshake] : [client.handshake, client.request];
}

/** The credentials of a request that asks for a WebSocket. */
export function upgradeCredentials(request: IncomingMessage): RequestLike {
  return requestWith([...authorizationOf(request), ...protocolTokens(request)], request.headers);
}

/** The sub-protocols that may be chosen: those that hold no token. */
export function withoutTokens(protocols: Iterable<string>): readonly string[] {
  return [...protocols].filter((protocol) => !protocol.startsWith(TOKEN_PROTOCOL));
}

function protocolTokens({ headers }: IncomingMessage): readonly string[] {
  const offered = headers['sec-websocket-protocol']?.split(',').map((protocol) => protocol.trim()) ?? [];
  return offered.flatMap((protocol) =>
    protocol.startsWith(TOKEN_PROTOCOL) ? [`Bearer ${protocol.slice(TOKEN_PROTOCOL.length)}`] : [],
  );
}

/** `io(url, { auth: { token } })`: a new one may be given at each reconnection. */
function payloadToken(auth: unknown): readonly string[] {
  const token = typeof auth === 'object' && auth !== null ? (auth as { token?: unknown }).token : undefined;
  if (token === undefined) return [];
  return [typeof token === 'string' ? `Bearer ${token}` : ''];
}

function isSocketIo(client: object): client is SocketIoClient {
  const { handshake } = client as { readonly handshake?: unknown };
  return typeof handshake === 'object' && handshake !== null;
}
