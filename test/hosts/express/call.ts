import type { RequestListener } from 'node:http';
import { type Exchange, send } from '../../support/exchange.js';
import { listen } from '../../support/listen.js';
import type { HeaderPair, RowRequest } from '../http/row.js';

/** Serves an app on loopback for one request. */
export async function call(app: RequestListener, request: RowRequest): Promise<Exchange> {
  const host = await listen(app);
  try {
    return await send(host.origin, request);
  } finally {
    await host.close();
  }
}

export function post(path: string, ...headers: readonly HeaderPair[]): RowRequest {
  return { method: 'POST', path, headers };
}
