import type { IncomingMessage, ServerResponse } from 'node:http';
import { EntraGuardError, type Guard, RequestError, toHttp } from '@entra-guard/core';
import { type RevocationRequests, revocationBody } from '@entra-guard/core/revocation';

/** Node's request: on Express with what its parsers add, on Fastify before any parser has run. */
interface NodeRequest extends IncomingMessage {
  readonly body?: unknown;
  /** The address before routing took parts of it away. */
  readonly originalUrl?: string;
}

type Next = () => void;

/** What is written: a refusal, or what was done. */
interface Written {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | undefined;
}

/** The collection or one record, behind the application's prefix. */
const PATH = /^\/revocations(?:\/([^/]+))?\/?$/;
const JSON_HEADERS = { 'Cache-Control': 'no-store', 'Content-Type': 'application/json' } as const;

/**
 * Answers the routes of revocations, the same on Express and on Fastify: written to Node's response, so that no interceptor or
 * filter of the application changes an answer. Other errors than entra-guard's are thrown: Nest logs them and answers 500.
 *
 * @param prefix the application's global prefix, such as `api`; an empty text for none
 */
export function revocationMiddleware(requests: RevocationRequests, guard: Guard, prefix: string) {
  const root = `/${prefix}`.replace(/\/+/g, '/').replace(/\/$/, '');
  return async (request: NodeRequest, response: ServerResponse, next: Next): Promise<void> => {
    const url = request.originalUrl ?? request.url ?? '';
    const { pathname, searchParams } = new URL(url.replace(/^\/*/, 'http://x/'));
    const local = pathname.startsWith(`${root}/`) ? pathname.slice(root.length) : pathname;
    const [path, id] = PATH.exec(local) ?? [];
    if (path === undefined) {
      next();
      return;
    }
    const method = request.method ?? '';
    try {
      const body = () => revocationBody(request);
      const answer = await requests.answer({ request, method, id, query: searchParams, body });
      write(response, method, { ...answer, headers: JSON_HEADERS });
    } catch (error) {
      if (!EntraGuardError.is(error)) throw error;
      // The caller was let in, and is told what is wrong with what it has sent.
      const told = RequestError.is(error) ? toHttp(error, { explain: true }) : guard.toHttp(error);
      write(response, method, told);
    }
  };
}

function write(response: ServerResponse, method: string, { status, headers, body }: Written): void {
  if (response.headersSent) return;
  response.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    if (body !== undefined || name !== 'Content-Type') response.setHeader(name, value);
  }
  response.end(body === undefined || method === 'HEAD' ? undefined : JSON.stringify(body));
}
