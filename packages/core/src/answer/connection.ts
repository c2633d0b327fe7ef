import type { HttpAnswer } from './http.js';
import { closeCodeOf, refusalOf } from './refusal.js';

/** The parts of a client of socket.io or of `ws` that ending it takes. */
export interface ConnectionLike {
  readonly readyState?: unknown;
  readonly connected?: unknown;
  disconnect?(close: boolean): unknown;
  emit?(event: string, data: unknown): unknown;
  close?(code: number, reason: string): unknown;
  once?(event: string, listener: () => void): unknown;
}

/** `readyState` of a closed WebSocket. */
const CLOSED = 3;

/** Tells the client why, and closes: nothing is sent on it afterwards. */
export function endConnection(client: ConnectionLike, answer: HttpAnswer): void {
  if (isSocketIo(client)) {
    client.emit?.('exception', refusalOf(answer));
    client.disconnect?.(true);
  } else {
    client.close?.(closeCodeOf(answer), answer.body.code);
  }
}

/** Calls back when a connection has ended, at once if it has ended already. */
export function onConnectionEnded(client: ConnectionLike, listener: () => void): void {
  if (hasEnded(client)) listener();
  else client.once?.(isSocketIo(client) ? 'disconnect' : 'close', listener);
}

function hasEnded(client: ConnectionLike): boolean {
  return isSocketIo(client) ? client.connected === false : client.readyState === CLOSED;
}

function isSocketIo(client: ConnectionLike): boolean {
  return typeof client.disconnect === 'function';
}
