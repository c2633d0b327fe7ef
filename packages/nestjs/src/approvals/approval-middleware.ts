import type { ServerResponse } from 'node:http';
import { EntraGuardError, type Guard } from '@entra-guard/core';
import { type ApprovalRequests, readApprovalPath } from '@entra-guard/core/approvals';
import { localPathOf, type NodeRequest } from '../answers/local-path.js';
import { JSON_HEADERS, writeAnswer } from '../answers/write-answer.js';

type Next = () => void;

/**
 * Answers the routes of approvals, the same on Express and on Fastify. Other errors than entra-guard's are thrown: Nest logs them and
 * answers 500.
 *
 * @param prefix the application's global prefix, such as `api`; an empty text for none
 */
export function approvalMiddleware(requests: ApprovalRequests, guard: Guard, prefix: string) {
  const localPath = localPathOf(prefix);
  return async (request: NodeRequest, response: ServerResponse, next: Next): Promise<void> => {
    const asked = readApprovalPath(localPath(request).path);
    if (asked === undefined) {
      next();
      return;
    }
    const method = request.method ?? '';
    try {
      const answer = await requests.answer({ request, method, ...asked });
      writeAnswer(response, method, { ...answer, headers: JSON_HEADERS });
    } catch (error) {
      if (!EntraGuardError.is(error)) throw error;
      writeAnswer(response, method, guard.toHttp(error));
    }
  };
}
