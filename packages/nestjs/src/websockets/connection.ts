import { type ConnectionLike, endConnection, onConnectionEnded } from '@entra-guard/core/connections';
import type { Lasting } from '../contexts/context-adapter.js';

/** An open connection, as something that ends with its caller's right. */
export function connectionOf(client: object, name: string): Lasting {
  return {
    key: client,
    name,
    end: (answer) => endConnection(client, answer),
    onEnded: (listener) => onConnectionEnded(client, listener),
  };
}

/** Whether it is a client of `ws`, or another that follows the WebSocket interface. */
export function isNative(client: unknown): client is ConnectionLike & { send(data: string): unknown } {
  const { readyState, send } = client as { readonly readyState?: unknown; readonly send?: unknown };
  return typeof readyState === 'number' && typeof send === 'function';
}
