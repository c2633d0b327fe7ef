import type { IncomingMessage, ServerResponse } from 'node:http';
import { ConfigurationError, EntraGuardError } from '@entra-guard/core';
import {
  type ApprovalAnswer,
  type ApprovalRequestOptions,
  ApprovalRequests,
  readApprovalPath,
} from '@entra-guard/core/approvals';
import { writeAnswer } from './answers/answer.js';
import { coreOf, type ExpressGuard } from './express-guard.js';
import type { Middleware } from './middleware.js';
import { withRoutes } from './routes/own-routes.js';

/** What Express adds to a request. */
interface MountedRequest extends IncomingMessage {
  readonly baseUrl?: string;
}

/** The middleware that answers the routes of approvals. */
export interface ApprovalRoutes extends Middleware {
  /** Returns the address of the page on which a person approves: `{origin}/approvals/{id}`. The page is the application's. */
  approveUrl(id: string): string;
}

/**
 * Lets people approve what agents ask for: `GET /approvals/{id}`, `POST /approvals/{id}/approve` and `POST /approvals/{id}/deny`.
 * Callers are users who are known to be without an agent, by a bearer token; no cookie counts. A request for an approval is shown to
 * those who may approve it, and others get a 404. Reads no body.
 *
 * ```ts
 * app.use(approvalRoutes(guard, { origin: 'https://orders.contoso.com', allow: scopes('Approvals.Decide') }));
 * ```
 *
 * @throws ConfigurationError for a guard without approvals, and for invalid options
 */
export function approvalRoutes(guard: ExpressGuard, options: ApprovalRequestOptions): ApprovalRoutes {
  const core = coreOf(guard);
  if (core === undefined) {
    throw new ConfigurationError(
      'approvalRoutes(...) was given something else than a guard.',
      'Pass what entraGuard(...) returns.',
    );
  }
  const requests = new ApprovalRequests(core, options);
  const answer: Middleware = (request: MountedRequest, response, next) => {
    const asked = readApprovalPath(pathOf(request));
    if (asked === undefined) {
      next();
      return;
    }
    const method = request.method ?? '';
    requests
      .answer({ request, method, ...asked })
      .then((done) => write(response, done))
      .catch((error) => {
        if (!EntraGuardError.is(error)) next(error);
        else writeAnswer(response, method, core.toHttp(error));
      });
  };
  const routes = withRoutes(answer, {
    root: '/approvals',
    routes: requests.handlers().map(({ method, path, access: { requirement } }) => ({
      method,
      path,
      requirement,
    })),
    maker: core,
  });
  return Object.assign(routes, { approveUrl: (id: string) => requests.approveUrl(id) });
}

/** The path behind what the application is mounted at: that of `/admin/approvals/x` in `/admin`, or in `/admin/approvals`. */
function pathOf({ baseUrl = '', url }: MountedRequest): string {
  const { pathname } = new URL(`${baseUrl}${url}`.replace(/^\/*/, 'http://x/'));
  const at = baseUrl.replace(/\/approvals$/, '');
  return pathname.startsWith(`${at}/`) ? pathname.slice(at.length) : pathname;
}

function write(response: ServerResponse, { status, body }: ApprovalAnswer): void {
  response.statusCode = status;
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify(body));
}
