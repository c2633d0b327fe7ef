import 'reflect-metadata';
import { ConfigurationError, EntraGuardError, type Guard, type LogSink } from '@entra-guard/core';
import { type ArgumentsHost, Catch, type ExceptionFilter, type ExecutionContext } from '@nestjs/common';
import { BaseExceptionFilter, type HttpAdapterHost } from '@nestjs/core';
import { from, isObservable, mergeMap, of } from 'rxjs';
import { judgedContext, judgeOf } from '../calls/request-auth.js';
import type { ContextAdapter, ContextHost } from '../contexts/context-adapter.js';
import type { ContextRegistry } from '../contexts/context-registry.js';

/**
 * Stands for the errors of entra-guard in `@Catch(...)`, which asks by `instanceof`: told by their brand, since another copy of the
 * package may have made them. A `ConfigurationError` is for the application's error handling.
 */
abstract class AnsweredError {
  static [Symbol.hasInstance](value: unknown): boolean {
    return EntraGuardError.is(value) && !ConfigurationError.is(value);
  }
}

/** Nest's own metadata key of `@UseFilters`. */
const FILTERS = '__exceptionFilters__';

/** What an application answers errors with. */
export interface AnsweringParts {
  readonly guard: Guard;
  readonly contexts: ContextRegistry;
  readonly log: LogSink;
  readonly adapterHost: HttpAdapterHost;
}

/** Answers errors of entra-guard that handlers throw as the guard answers a refusal, in the form of the context. */
@Catch(AnsweredError)
export class ThrownErrorFilter implements ExceptionFilter {
  readonly #parts: AnsweringParts;

  constructor(parts: AnsweringParts) {
    this.#parts = parts;
  }

  catch(error: EntraGuardError, host: ArgumentsHost): unknown {
    // What goes on after the answer has begun can't be answered: as without this filter.
    if (this.#hasBegun(host)) return new BaseExceptionFilter(this.#host().httpAdapter).catch(error, host);
    const answered = this.#answer(error, host);
    // Nest expects a stream here, and does not look into a promise of one.
    if (host.getType<string>() === 'rpc')
      return from(answered).pipe(mergeMap((given) => (isObservable(given) ? given : of(given))));
    return answered;
  }

  async #answer(error: EntraGuardError, host: ArgumentsHost): Promise<unknown> {
    const adapter = this.#parts.contexts.get(host.getType<string>());
    const exception = await this.#exceptionFor(error, host, adapter);
    if (adapter?.answerThrown === undefined) throw exception;
    return adapter.answerThrown(exception, host, this.#host());
  }

  async #exceptionFor(
    error: EntraGuardError,
    host: ArgumentsHost,
    adapter: ContextAdapter | undefined,
  ): Promise<unknown> {
    const args = host.getArgs<unknown[]>();
    // The guard knew the handler. Where several calls share their context, Nest's own is all there is.
    const context = judgedContext(args) ?? (host as ExecutionContext);
    try {
      const answer = this.#parts.guard.toHttp(error);
      // The guard logs what it refuses; what a handler threw is logged here, unless the caller caused it.
      if (answer.status === 500) this.#tell(error, context);
      const given = await judgeOf(args)?.exceptionFor(error, context);
      return given ?? adapter?.toException(answer, error, context, this.#host()) ?? error;
    } catch {
      // Not as complete as its brand says. Nest would leave a filter that fails unanswered.
      return error;
    }
  }

  #host(): ContextHost {
    const { guard, adapterHost } = this.#parts;
    return { core: guard, httpAdapter: adapterHost.httpAdapter ?? undefined };
  }

  #hasBegun(host: ArgumentsHost): boolean {
    if (host.getType() !== 'http') return false;
    return this.#host().httpAdapter?.isHeadersSent(host.switchToHttp().getResponse()) === true;
  }

  #tell({ code, message, hint, cause }: EntraGuardError, context: ExecutionContext): void {
    const [controller, handler] = [context.getClass(), context.getHandler()] as readonly (
      | Function
      | null
      | undefined
    )[];
    try {
      this.#parts.log({
        level: 'error',
        event: 'refused',
        code,
        message,
        hint,
        ...(controller && handler ? { handler: `${controller.name}.${handler.name}` } : {}),
        ...(cause instanceof Error ? { cause: `${cause.name}: ${cause.message}` } : {}),
      });
    } catch {
      // A broken log must not decide about requests.
    }
  }
}

/**
 * Puts the filter on gateways, for which Nest runs no global filters. Filters that a class or a method names itself are asked before
 * it.
 */
export function filterGateways(gateways: readonly Function[], filter: ThrownErrorFilter): void {
  for (const gateway of gateways) {
    const given: unknown = Reflect.getMetadata(FILTERS, gateway);
    const others = Array.isArray(given) ? given.filter((one) => !(one instanceof ThrownErrorFilter)) : [];
    Reflect.defineMetadata(FILTERS, [filter, ...others], gateway);
  }
}
