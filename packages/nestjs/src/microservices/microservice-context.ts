import { ConfigurationError, type EntraGuardError, type HttpAnswer, ownOptions } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import { BaseRpcExceptionFilter, type RpcException } from '@nestjs/microservices';
import type { ContextAdapter, ContextCall } from '../contexts/context-adapter.js';
import { hasUnlogged } from '../contexts/unlogged.js';
import { isEvent } from '../handlers/handler-metadata.js';
import {
  type AuthorizationSource,
  credentialsOf,
  fromHeaders,
  type MicroserviceCall,
} from './credentials.js';
import {
  EntraGuardEventException,
  EntraGuardGrpcException,
  EntraGuardRpcException,
  type GrpcMetadata,
} from './entra-guard.rpc-exception.js';
import { answerStream, lastingCall, streamOf } from './grpc-stream.js';
import { passOver, watchEvents } from './kafka.js';
import { settleRefused, watchDeliveries } from './rabbitmq.js';

/** How messages of microservices are guarded. */
export interface MicroserviceContextOptions {
  /** Where the token is. Default {@link fromHeaders}; for TCP and Redis in NestJS 10 and 11 `fromPayload('authorization')`. */
  readonly authorization?: AuthorizationSource;
  /**
   * Says that every microservice of a hybrid application is connected with `{ inheritAppConfig: true }`, which the module
   * can't see. `assertCovered(app)` looks instead of believing. Default `false`.
   */
  readonly inheritAppConfig?: boolean;
}

/**
 * Lets the guard judge messages and events of microservices, each by the token that came with it.
 *
 * ```ts
 * EntraGuardModule.forRoot({ tenantId, clientId, contexts: [microserviceContext()] })
 * ```
 *
 * @throws ConfigurationError for a source that is not a function
 */
export function microserviceContext(options: MicroserviceContextOptions = {}): ContextAdapter {
  const { authorization = fromHeaders, inheritAppConfig } = ownOptions('microserviceContext()', options);
  if (typeof authorization !== 'function') {
    throw new ConfigurationError(
      `microserviceContext was given ${typeof authorization} as authorization.`,
      "Pass a function: fromHeaders, fromPayload('authorization'), or your own function.",
    );
  }
  watchDeliveries();
  watchEvents();
  return {
    type: 'rpc',
    runsGlobalGuards: () => (inheritAppConfig === true ? true : undefined),
    read: (context) => read(context, authorization),
    toException,
    answerThrown: (exception, context) =>
      new BaseRpcExceptionFilter().catch(exception as RpcException, context),
    answer,
  };
}

function read(context: ExecutionContext, source: AuthorizationSource): ContextCall {
  const host = context.switchToRpc();
  const data: unknown = host.getData();
  const stream = streamOf(context);
  const call: MicroserviceCall = { data, context: stream?.metadata ?? host.getContext<unknown>() };
  const lasting = lastingCall(context);
  return {
    ...(lasting === undefined ? {} : { lasting }),
    credentials: credentialsOf(call, source),
    request: call,
    // Nest passes on the stream alone, without its metadata.
    subjects: [stream, call.context].filter((subject) => typeof subject === 'object' && subject !== null),
  };
}

function answer(exception: unknown, context: ExecutionContext): boolean {
  if (answerStream(exception, context)) return true;
  passOver(context);
  // A caller who waits for an answer gets the refusal, and may try again.
  settleRefused(context, isEvent(context.getHandler()) && isTemporary(exception));
  return false;
}

/** Whether it can't be told for now. */
function isTemporary(exception: unknown): boolean {
  if (!(exception instanceof EntraGuardRpcException || exception instanceof EntraGuardEventException)) {
    return false;
  }
  return (exception.getError() as { readonly status?: unknown }).status === 503;
}

function toException(answer: HttpAnswer, error: EntraGuardError, context: ExecutionContext): unknown {
  const subject: unknown = streamOf(context)?.metadata ?? context.switchToRpc().getContext();
  if (isGrpcMetadata(subject)) {
    const metadata = Reflect.construct(subject.constructor, []) as GrpcMetadata;
    return new EntraGuardGrpcException(answer, error, metadata);
  }
  // In an exception filter the handler may be unknown.
  const handler: Function | undefined = context.getHandler() ?? undefined;
  return hasUnlogged && handler !== undefined && isEvent(handler)
    ? new EntraGuardEventException(answer, error)
    : new EntraGuardRpcException(answer, error);
}

/** By what it can do: the class is of a package that an application need not have. */
function isGrpcMetadata(value: unknown): value is object {
  const { getMap, set } = (value ?? {}) as { readonly getMap?: unknown; readonly set?: unknown };
  return typeof getMap === 'function' && typeof set === 'function';
}
