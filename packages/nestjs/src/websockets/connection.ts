import type { HttpAnswer } from '@entra-guard/core';
import type { Lasting } from '../contexts/context-adapter.js';
import { closeCodeOf, refusalOf } from '../contexts/refusal.js';

/** The parts of a client of socket.io or of `ws` that ending it takes. */
interface Client {
  readonly readyState?: unknown;
  readonly connected?: unknown;
  disconnect?(close: boolean): unknown;
  emit?(event: string, data: unknown): unknown;
  close?(code: number, reason: string): unknown;
  send?(data: string): unknown;
  once?(event: string, listener: () => void): unknown;
}

/** An open connection, as something that ends with its caller's right. */
export function connectionOf(client: object, name: string): Lasting {
  return {
    key: client,
    name,
    end: (answer) => endConnection(client, answer),
    onEnded: (listener) => {
      if (hasEnded(client)) listener();
      else (client as Client).once?.(isSocketIo(client) ? 'disconnect' : 'close', listener);
    },
  };
}

/** Tells the client why, and closes: nothing is sent on it afterwards. */
export function endConnection(client: Client, answer: HttpAnswer): void {
  if (isSocketIo(client)) {
    client.emit?.('exception', refusalOf(answer));
    client.disconnect?.(true);
  } else {
    client.close?.(closeCodeOf(answer), answer.body.code);
  }
}

/** Whether it is a client of `ws`, or another that follows the WebSocket interface. */
export function isNative(client: unknown): client is Client & { send(data: string): unknown } {
  const { readyState, send } = client as Client;
  return typeof readyState === 'number' && typeof send === 'function';
}

const CLOSED = 3;

function hasEnded(client: Client): boolean {
  return isSocketIo(client) ? client.connected === false : client.readyState === CLOSED;
}

function isSocketIo(client: Client): boolean {
  return typeof client.disconnect === 'function';
}
