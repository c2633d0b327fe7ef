import type { HttpAnswer, Problem } from '@entra-guard/core';
import { type Refusal, refusalOf } from '@entra-guard/core/connections';
import { RpcException } from '@nestjs/microservices';
import { Unlogged } from '../contexts/unlogged.js';

/** A refusal of a message: `getError()` gives the problem document, with its stable `code`. */
export class EntraGuardRpcException extends RpcException {
  /** The stable word for what went wrong. */
  readonly code: Problem['code'];

  constructor(answer: HttpAnswer, cause: unknown) {
    super(refusalOf(answer));
    this.code = answer.body.code;
    this.cause = cause;
  }
}

/**
 * A refusal of an event, from NestJS 11 on. Not an `RpcException`: NestJS 12 writes those of events into its log, one by
 * one, since no client hears of them; of a refusal the guard's own log and the audit trail tell.
 */
export class EntraGuardEventException extends Unlogged {
  /** The stable word for what went wrong. */
  readonly code: Problem['code'];
  readonly #refusal: Refusal;

  constructor(answer: HttpAnswer, cause: unknown) {
    super(answer.body.detail, answer.status);
    this.name = 'EntraGuardEventException';
    this.code = answer.body.code;
    this.cause = cause;
    this.#refusal = refusalOf(answer);
  }

  /** The problem document, as `RpcException` gives it. */
  getError(): object {
    return this.#refusal;
  }
}

/** gRPC's own numbers, by the HTTP status that says the same. */
const GRPC_STATUS: Readonly<Record<number, number>> = {
  400: 3, // INVALID_ARGUMENT
  401: 16, // UNAUTHENTICATED
  403: 7, // PERMISSION_DENIED
  404: 5, // NOT_FOUND
  503: 14, // UNAVAILABLE
};
const INTERNAL = 13;

/** gRPC's `Metadata`, as far as it takes to answer with one. */
export interface GrpcMetadata {
  set(key: string, value: string): void;
}

/** A refusal over gRPC: its status, and in the trailing metadata `entra-guard-code` and `www-authenticate`. */
export class EntraGuardGrpcException extends RpcException {
  /** The stable word for what went wrong. */
  readonly code: Problem['code'];

  /** @param metadata empty, of the class that the call came with */
  constructor(answer: HttpAnswer, cause: unknown, metadata: GrpcMetadata) {
    const { challenge, retryAfter, message, code } = refusalOf(answer);
    metadata.set('entra-guard-code', code);
    if (challenge !== undefined) metadata.set('www-authenticate', challenge);
    if (retryAfter !== undefined) metadata.set('retry-after', String(retryAfter));
    const details = `${code}: ${message}`;
    super({ code: GRPC_STATUS[answer.status] ?? INTERNAL, message: details, details, metadata });
    this.code = code;
    this.cause = cause;
  }
}
