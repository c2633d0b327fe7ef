import type { ServerResponse } from 'node:http';
import { EntraGuardError, type Guard, RequestError, toHttp } from '@entra-guard/core';
import { type RevocationRequests, revocationBody } from '@entra-guard/core/revocation';
import { localPathOf, type NodeRequest } from '../answers/local-path.js';
import { JSON_HEADERS, writeAnswer } from '../answers/write-answer.js';

type Next = () => void;

/** The collection or one record, behind the application's prefix. */
const PATH = /^\/revocations(?:\/([^/]+))?\/?$/;

/**
 * Answers the routes of revocations, the same on Express and on Fastify. Other errors than entra-guard's are thrown: Nest logs them
 * and answers 500.
 *
 * @param prefix the application's global prefix, such as `api`; an empty text for none
 */
export function revocationMiddleware(requests: RevocationRequests, guard: Guard, prefix: string) {
  const localPath = localPathOf(prefix);
  return async (request: NodeRequest, response: ServerResponse, next: Next): Promise<void> => {
    const local = localPath(request);
    const [path, id] = PATH.exec(local.path) ?? [];
    if (path === undefined) {
      next();
      return;
    }
    const method = request.method ?? '';
    try {
      const body = () => revocationBody(request);
      const answer = await requests.answer({ request, method, id, query: local.query, body });
      writeAnswer(response, method, { ...answer, headers: JSON_HEADERS });
    } catch (error) {
      if (!EntraGuardError.is(error)) throw error;
      // The caller was let in, and is told what is wrong with what it has sent.
      const told = RequestError.is(error) ? toHttp(error, { explain: true }) : guard.toHttp(error);
      writeAnswer(response, method, told);
    }
  };
}
