import type { IncomingMessage } from 'node:http';
import type { Grant, Guard } from '@entra-guard/core';

/** The parts of FastifyRequest and FastifyReply that the guard needs. */
interface GuardedRequest {
  readonly raw: IncomingMessage;
  readonly method: string;
  readonly routeOptions: { readonly url?: string | undefined };
}
interface GuardedReply {
  code(status: number): GuardedReply;
  headers(values: Readonly<Record<string, string>>): GuardedReply;
  send(body: unknown): unknown;
}

/** Makes an `onRequest` hook: it runs before Fastify reads the body. */
export function requiring(guard: Guard, requirement: Grant) {
  guard.declare(requirement);
  return async (request: GuardedRequest, reply: GuardedReply): Promise<unknown> => {
    try {
      // Node's request: only there can a second Authorization header be seen.
      const handler = `${request.method} ${request.routeOptions.url ?? '*'}`;
      await guard.require(request.raw, requirement, { handler, request });
      return undefined;
    } catch (error) {
      const { status, headers, body } = guard.toHttp(error);
      return reply.code(status).headers(headers).send(JSON.stringify(body));
    }
  };
}
