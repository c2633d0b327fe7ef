import type { EntraGuardError, Guard, HttpAnswer, RequestLike } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';

/** What an adapter may use of the application that it works in. */
export interface ContextHost {
  /** The core's guard. */
  readonly core: Guard;
  /** `undefined` in an application without HTTP. */
  readonly httpAdapter: AbstractHttpAdapter | undefined;
}

/** Something that goes on after the guard has let it begin: a connection, a subscription, a stream. */
export interface Lasting {
  /** What stays the same as long as it goes on; one is watched once. */
  readonly key: object;
  /** For logs and audit events: `OrdersGateway (open connection)`. */
  readonly name: string;
  /** Ends it: the caller's right has ended. Nothing may be pushed afterwards. */
  end(answer: HttpAnswer): void;
  /** Calls back when it has ended by itself, also where it has already. */
  onEnded(listener: () => void): void;
}

/** What the guard has to know of one call. */
export interface ContextCall {
  /**
   * Where the core reads the `Authorization` header; `undefined` where the context does not show it, and then nobody but
   * for a public handler gets in. One object is authenticated once: give a new one for each message of a connection.
   */
  readonly credentials: RequestLike | undefined;
  /** What checks get as `request`. */
  readonly request: unknown;
  /** By what `@Auth()` and `authOf` find the caller. */
  readonly subjects: readonly object[];
  /** Whether other calls have the same subjects: fields of an operation, messages of a connection. Default `false`. */
  readonly shared?: boolean;
  /** By what Nest knows the scope of request-scoped providers, if it has one here. */
  readonly scope?: object;
  /** Where the call outlives its handler. */
  readonly lasting?: Lasting;
}

/**
 * Makes the guard understand one kind of `ExecutionContext`. It finds things and puts them into words; the rules are the
 * core's. Contexts that no adapter recognises are denied.
 */
export interface ContextAdapter {
  /** What `context.getType()` gives: `http`, `graphql`, `ws`, `rpc`. */
  readonly type: string;
  /** What the guard has to know of this call. */
  read(context: ExecutionContext, host: ContextHost): ContextCall;
  /** The refusal in the context's own form. */
  toException(
    answer: HttpAnswer,
    error: EntraGuardError,
    context: ExecutionContext,
    host: ContextHost,
  ): unknown;
  /**
   * Answers a refused call by itself where Nest hands nobody what a guard throws; `true` when it has. The call then stays
   * with the guard, and its handler never runs.
   *
   * @param exception what {@link toException} gave, or an error of the application's own
   */
  readonly answer?: (exception: unknown, context: ExecutionContext) => boolean;
  /**
   * Whether Nest runs global guards before the handlers of this context; what `undefined` leaves open is asked for at boot.
   * Default `true`.
   */
  readonly runsGlobalGuards?: () => boolean | undefined;
}
