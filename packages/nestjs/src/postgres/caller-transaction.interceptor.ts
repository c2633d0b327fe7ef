import 'reflect-metadata';
import { ConfigurationError } from '@entra-guard/core';
import type { CallerTransactionOptions } from '@entra-guard/postgres';
import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { from, lastValueFrom, mergeMap, type Observable, toArray } from 'rxjs';
import { recall } from '../calls/request-auth.js';
import { CallerDatabase } from './caller-database.js';

/** The key of the options of `@AsCaller(...)`. */
export const CALLER_TRANSACTION = 'entra-guard:caller-transaction';

/** Nest's own metadata key of `@Sse()`. */
const SSE = '__sse__';

/** Runs a handler in a transaction as its caller. */
@Injectable()
export class CallerTransactionInterceptor implements NestInterceptor {
  constructor(@Inject(CallerDatabase) private readonly database: CallerDatabase) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    const found = recall(context.getArgs(), handler, controller);
    if (found === undefined) {
      throw new ConfigurationError(
        `${controller.name}.${handler.name} has @AsCaller(), and EntraGuard did not judge this call.`,
        'Install the guard for every handler, or put @UseGuards(EntraGuard) here.',
      );
    }
    if (Reflect.hasMetadata(SSE, handler)) {
      throw new ConfigurationError(
        `${controller.name}.${handler.name} has @AsCaller() and @Sse(): its transaction would last as long as the stream.`,
        'Leave out @AsCaller(), and call as(auth, …) of CallerDatabase for each event.',
      );
    }
    const options = optionsOf(handler, controller);
    const run = () => lastValueFrom(next.handle().pipe(toArray()));
    // What was emitted is told once it is committed.
    return from(this.database.as(found.auth, run, options)).pipe(mergeMap((values) => from(values)));
  }
}

/** Those of the method, or else those of the class. */
function optionsOf(handler: Function, controller: Function): CallerTransactionOptions {
  const own: unknown = Reflect.getMetadata(CALLER_TRANSACTION, handler);
  return (own ?? Reflect.getMetadata(CALLER_TRANSACTION, controller)) as CallerTransactionOptions;
}
