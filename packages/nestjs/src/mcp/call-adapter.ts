import type { RequestLike } from '@entra-guard/core';
import { BaseRpcExceptionFilter, type RpcException } from '@nestjs/microservices';
import type { ContextAdapter } from '../contexts/context-adapter.js';
import { EntraGuardRpcException } from '../microservices/entra-guard.rpc-exception.js';

/**
 * Lets the guard judge one call of a tool, prompt or resource, which Nest takes for a message of a microservice.
 *
 * @param request that it came with
 * @param mcpContext MCP-Nest's context of the call, by which `@Auth()` finds the caller
 */
export function callAdapter(request: RequestLike, mcpContext: object): ContextAdapter {
  return {
    type: 'rpc',
    read: () => ({ credentials: request, request, subjects: [mcpContext] }),
    toException: (answer, error) => new EntraGuardRpcException(answer, error),
    answerThrown: (exception, context) =>
      new BaseRpcExceptionFilter().catch(exception as RpcException, context),
  };
}
