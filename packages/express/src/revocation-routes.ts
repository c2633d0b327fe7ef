import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError, EntraGuardError, RequestError, toHttp } from '@entra-guard/core';
import {
  type RevocationAnswer,
  type RevocationRequestOptions,
  RevocationRequests,
  revocationBody,
  revocationHandlers,
} from '@entra-guard/core/revocation';
import { writeAnswer } from './answers/answer.js';
import { coreOf, type ExpressGuard } from './express-guard.js';
import type { Middleware } from './middleware.js';
import { withRoutes } from './routes/own-routes.js';

/** What Express adds to a request. */
interface ParsedRequest extends IncomingMessage {
  readonly body?: unknown;
  readonly baseUrl?: string;
}

/** The collection or one record, at the root of the application, of a router, or where `/revocations` is mounted. */
const PATH = /^\/revocations(?:\/([^/]+))?\/?$/;

/**
 * Lets applications revoke, list and lift: `POST /revocations`, `GET /revocations?user=…&tenantId=…` and
 * `DELETE /revocations/{id}`. Callers need application permissions: `Revocations.Revoke.All`, `Revocations.Lift.All`,
 * `Revocations.Read.All`, or `Revocations.Manage.All` for all of it. Each reaches targets of its own tenant; those of
 * `operatorTenants` reach all. Reads its own body, of at most 16 kB, where no parser has. Allows 600 requests a minute and caller.
 *
 * ```ts
 * app.use(revocationRoutes(guard));
 * ```
 *
 * @throws ConfigurationError for a guard without revocations, and where several tenants are accepted without `operatorTenants`
 */
export function revocationRoutes(guard: ExpressGuard, options: RevocationRequestOptions = {}): Middleware {
  const core = coreOf(guard);
  if (core === undefined) {
    throw new ConfigurationError(
      'revocationRoutes(...) was given something else than a guard.',
      'Pass what entraGuard(...) returns.',
    );
  }
  const requests = new RevocationRequests(core, options);
  const answer: Middleware = (request: ParsedRequest, response, next) => {
    const { pathname, searchParams } = new URL(
      `${request.baseUrl ?? ''}${request.url}`.replace(/^\/*/, 'http://x/'),
    );
    const [path, id] = PATH.exec(mountedAt(request.baseUrl, pathname)) ?? [];
    if (path === undefined) {
      next();
      return;
    }
    const method = request.method ?? '';
    requests
      .answer({ request, method, id, query: searchParams, body: () => revocationBody(request) })
      .then((answer) => write(response, answer))
      .catch((error) => {
        // The caller was let in, and is told what is wrong with what it has sent.
        if (RequestError.is(error)) writeAnswer(response, method, toHttp(error, { explain: true }));
        else if (EntraGuardError.is(error)) writeAnswer(response, method, core.toHttp(error));
        else next(error);
      });
  };
  return withRoutes(answer, {
    root: '/revocations',
    routes: revocationHandlers().map(({ method, path, access: { requirement } }) => ({
      method,
      path,
      requirement,
    })),
    maker: core,
  });
}

/** Drops what the application is mounted at: `/admin` of `/admin/revocations`. */
function mountedAt(baseUrl: string | undefined, pathname: string): string {
  const at = (baseUrl ?? '').replace(/\/revocations$/, '');
  return pathname.startsWith(`${at}/`) ? pathname.slice(at.length) : pathname;
}

function write(response: ServerResponse, { status, body }: RevocationAnswer): void {
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  if (body === undefined) {
    response.end();
    return;
  }
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}
