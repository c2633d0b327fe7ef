import type { ServerResponse } from 'node:http';
import { entraGuard, revocationRoutes, scopes } from '@entra-guard/express';
import { type ApiOptions, listening, type Running } from '../apis.js';

/**
 * Serves orders as a stream of events, for as long as the caller may read them. Also has the routes by which other systems revoke.
 *
 * @param options with revocations
 */
export async function startStream(options: ApiOptions): Promise<Running> {
  const guard = entraGuard(options);
  const routes = revocationRoutes(guard);
  const mayRead = guard.require(scopes('Orders.Read'));
  const running = await listening((request, response) => {
    routes(request, response, () =>
      mayRead(request, response, () => {
        if (request.url !== '/events') {
          response.writeHead(404).end();
          return;
        }
        // Ends the response as soon as the caller is refused.
        const signal = guard.whileAllowed(request, response);
        stream(response, signal);
      }),
    );
  });
  const close = async () => {
    await guard.close();
    await running.close();
  };
  return { origin: running.origin, close };
}

function stream(response: ServerResponse, signal: AbortSignal): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' });
  let id = 0;
  const send = () => response.write(`data: ${JSON.stringify({ id: ++id, item: 'tea' })}\n\n`);
  send();
  const timer = setInterval(send, 200);
  signal.addEventListener('abort', () => clearInterval(timer), { once: true });
}
