import type { ExecutionContext } from '@nestjs/common';
import { RpcException } from '@nestjs/microservices';
import type { Lasting } from '../contexts/context-adapter.js';
import { EntraGuardGrpcException, type GrpcMetadata } from './entra-guard.rpc-exception.js';

/** A call of gRPC whose request is a stream, as `@GrpcStreamCall()` hands it over. */
export interface GrpcStream {
  readonly metadata: object;
  readonly cancelled?: boolean;
  readonly writableEnded?: boolean;
  /** What is sent when it ends. */
  pendingStatus?: unknown;
  write?(answer: unknown): unknown;
  end(): unknown;
  /** Takes in what the caller sends. */
  push(message: unknown): boolean;
  emit(event: 'error' | 'cancelled', status?: unknown): unknown;
  once(event: 'close' | 'finish' | 'cancelled', listener: () => void): unknown;
}

type GrpcCallback = (status: unknown) => void;

/** gRPC's INTERNAL: what callers are told of an error that is not meant for them. */
const INTERNAL = { code: 13, details: 'Internal server error' };

/**
 * The stream that a handler with `@GrpcStreamCall()` gets, with a callback where it answers once. Any other handler gets a
 * context with its data.
 */
export function streamOf(context: ExecutionContext): GrpcStream | undefined {
  const [call, ...others] = context.getArgs<unknown[]>();
  const alone = others.every((one) => one === undefined || typeof one === 'function');
  return alone && isGrpcStream(call) ? call : undefined;
}

/**
 * Tells the caller of a stream why it is refused. Nest does not: it leaves the rejection of its guards unhandled, which ends
 * the process, so any caller without a token could end it.
 */
export function answerStream(exception: unknown, context: ExecutionContext): boolean {
  const stream = streamOf(context);
  if (stream === undefined) return false;
  const status: unknown = exception instanceof RpcException ? exception.getError() : INTERNAL;
  const [, callback] = context.getArgs<[unknown, GrpcCallback | undefined]>();
  if (callback === undefined) stream.emit('error', status);
  else callback(status);
  return true;
}

/**
 * A call as something that lasts: gRPC waits for its answers and its messages as long as they come. `undefined` for a call
 * that can't be ended.
 */
export function lastingCall(context: ExecutionContext): Lasting | undefined {
  // Handlers that get a message, or a stream of them, get the call after its metadata.
  const call: unknown = streamOf(context) ?? context.getArgs<unknown[]>()[2];
  if (!isGrpcStream(call) || typeof call.write !== 'function') return undefined;
  return {
    key: call,
    name: `${context.getClass().name}.${context.getHandler().name} (open stream)`,
    end: (answer) => {
      const metadata = Reflect.construct(call.metadata.constructor, []) as GrpcMetadata;
      endCall(call, new EntraGuardGrpcException(answer, undefined, metadata).getError() as object);
    },
    onEnded: (listener) => {
      if (call.cancelled === true || call.writableEnded === true) return listener();
      for (const event of ['close', 'finish', 'cancelled'] as const) call.once(event, listener);
    },
  };
}

/**
 * Tells the caller the status, and the handler no more than that the caller has gone: as an error of its messages it would
 * end the process wherever a handler does not listen for errors, which few do.
 */
function endCall(call: GrpcStream, status: object): void {
  if (Object.hasOwn(call, 'pendingStatus')) call.pendingStatus = status;
  // A library that keeps its status elsewhere. Nest takes an error that says so for the end of the other side.
  else call.emit('error', Object.assign(new Error(), status, { toString: () => 'Error: cancelled' }));
  call.end();
  // Who does not read keeps it open, and must not be listened to meanwhile.
  call.push = () => false;
  // A handler may not have begun yet: what it gives then goes nowhere, and is not an error either.
  call.write = () => true;
  // Nest lets go of what the handler gave.
  call.emit('cancelled');
}

/** By what it can do, which nothing that arrives as a message can. */
function isGrpcStream(value: unknown): value is GrpcStream {
  if (typeof value !== 'object' || value === null) return false;
  const { metadata, getPeer, emit } = value as Readonly<Record<string, unknown>>;
  return typeof getPeer === 'function' && typeof emit === 'function' && typeof metadata === 'object';
}
