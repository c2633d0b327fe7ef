import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';

/** An app, as another one calls it. */
type Mounted = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** The status an app answers a GET without a token with; no socket, for tests that ask thousands of times. */
export function statusOf(app: Mounted, url: string): Promise<number> {
  const request = new IncomingMessage(new Socket());
  Object.assign(request, { method: 'GET', url, headers: {} });
  const response = new ServerResponse(request);
  return new Promise((resolve) => {
    response.end = () => {
      resolve(response.statusCode);
      return response;
    };
    app(request, response, () => resolve(404));
  });
}
