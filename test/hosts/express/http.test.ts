import type { IncomingMessage, RequestListener } from 'node:http';
import { anonymous, authOf, entraGuard } from '@entra-guard/express';
import type { LocalEntra } from '@entra-guard/testing';
import express4 from 'express4';
import express5 from 'express5';
import { listen } from '../../support/listen.js';
import { type HttpRoute, httpRoutes, whoCalls } from '../http/routes.js';
import { describeHttpRows, guardOptions, type StartHost } from '../http/run-rows.js';

/** The part of both majors that the table needs. */
interface App extends RequestListener {
  use(handler: object): unknown;
  get: Register;
  post: Register;
  delete: Register;
}
type Register = (path: string, ...handlers: ((...parameters: never[]) => void)[]) => unknown;

const start =
  (createApp: () => unknown): StartHost =>
  async (entra) => {
    const app = createApp() as App;
    serve(app, entra);
    return listen(app);
  };

function serve(app: App, entra: LocalEntra): void {
  const guard = entraGuard(guardOptions(entra));
  const answer = (request: IncomingMessage, response: { json(body: unknown): void }) =>
    response.json(whoCalls(authOf(request)));
  const before = ({ requirement }: HttpRoute) => {
    if (requirement === 'undeclared') return [];
    if (requirement === 'optional') return [guard.authenticate({ optional: true })];
    return [guard.require(requirement === 'public' ? anonymous() : requirement)];
  };
  for (const route of httpRoutes(entra)) {
    const method = route.method.toLowerCase() as 'get' | 'post' | 'delete';
    app[method](route.path, ...before(route), answer);
  }
}

describeHttpRows('Express 4', start(express4), { undeclared: 'open' });
describeHttpRows('Express 5', start(express5), { undeclared: 'open' });
