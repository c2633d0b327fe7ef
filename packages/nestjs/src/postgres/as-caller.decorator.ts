import type { CallerTransactionOptions } from '@entra-guard/postgres';
import { applyDecorators, SetMetadata, UseInterceptors } from '@nestjs/common';
import { CALLER_TRANSACTION, CallerTransactionInterceptor } from './caller-transaction.interceptor.js';

/**
 * Runs a handler, or all handlers of a controller, in a transaction as the caller whom the guard let in. It is committed before the answer
 * is sent, and rolled back where the handler throws. `CallerDatabase.current` sends its statements. In public handlers, and without a
 * token where it is optional, the caller is anonymous.
 *
 * ```ts
 * @Get() @RequireScopes('Orders.Read') @AsCaller({ readOnly: true })
 * list() { return this.orders.list(); }
 * ```
 *
 * What a handler returns that is read later, such as a stream of rows, is read too late: the transaction has ended by then.
 */
export function AsCaller(options: CallerTransactionOptions = {}): MethodDecorator & ClassDecorator {
  return applyDecorators(
    SetMetadata(CALLER_TRANSACTION, options),
    UseInterceptors(CallerTransactionInterceptor),
  );
}
