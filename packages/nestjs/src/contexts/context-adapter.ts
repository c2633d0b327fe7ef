import type { EntraGuardError, Guard, HttpAnswer, RequestLike } from '@entra-guard/core';
import type { ArgumentsHost, ExecutionContext } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';

/** The parts of an application that an adapter may use. */
export interface ContextHost {
  /** The core's guard. */
  readonly core: Guard;
  /** `undefined` in an application without HTTP. */
  readonly httpAdapter: AbstractHttpAdapter | undefined;
}

/** A connection, subscription or stream: it goes on after the guard has let it begin. */
export interface Lasting {
  /** The same object as long as it goes on. Each key is watched once. */
  readonly key: object;
  /** For logs and audit events: `OrdersGateway (open connection)`. */
  readonly name: string;
  /** Ends it: the caller's right has ended. Nothing may be pushed afterwards. */
  end(answer: HttpAnswer): void;
  /** Calls back when it has ended, at once if it has ended already. */
  onEnded(listener: () => void): void;
}

/** What the guard needs to know of one call. */
export interface ContextCall {
  /**
   * Where the core reads the `Authorization` header. `undefined` where the context does not show it: only public handlers
   * can be called then. The core authenticates one object once: give a new one for each message of a connection.
   */
  readonly credentials: RequestLike | undefined;
  /** What checks get as `request`. */
  readonly request: unknown;
  /** The objects by which `@Auth()` and `authOf` find the caller. */
  readonly subjects: readonly object[];
  /** Whether other calls have the same subjects: fields of an operation, messages of a connection. Default `false`. */
  readonly shared?: boolean;
  /** The object by which Nest knows the scope of request-scoped providers, if there is one. */
  readonly scope?: object;
  /** Where the call outlives its handler. */
  readonly lasting?: Lasting;
}

/**
 * Lets the guard judge one kind of `ExecutionContext`: finds the credentials, and puts refusals into the form of the context.
 * The core decides. Calls in a context without an adapter are denied.
 */
export interface ContextAdapter {
  /** What `context.getType()` gives: `http`, `graphql`, `ws`, `rpc`. */
  readonly type: string;
  /** Reads what the guard needs to know of this call. */
  read(context: ExecutionContext, host: ContextHost): ContextCall;
  /** Puts a refusal into the form of the context. */
  toException(
    answer: HttpAnswer,
    error: EntraGuardError,
    context: ExecutionContext,
    host: ContextHost,
  ): unknown;
  /**
   * Answers a refused call where Nest does not pass on what a guard throws. Returns `true` when it has answered: the handler
   * then never runs.
   *
   * @param exception what {@link toException} returned, or an error of the application
   */
  readonly answer?: (exception: unknown, context: ExecutionContext) => boolean;
  /**
   * Answers a call whose handler threw, with what {@link toException} made of the error. Needed where Nest does not answer what an
   * exception filter throws. What it returns, Nest takes for what the filter returns. Default: the filter throws the exception.
   */
  readonly answerThrown?: (exception: unknown, context: ArgumentsHost, host: ContextHost) => unknown;
  /**
   * Whether Nest runs global guards before the handlers of this context; what `undefined` leaves open is asked for at boot.
   * Default `true`.
   */
  readonly runsGlobalGuards?: () => boolean | undefined;
}
