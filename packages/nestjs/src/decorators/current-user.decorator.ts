import { ConfigurationError } from '@entra-guard/core';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { CallerParameter } from '../handlers/caller-parameters.js';
import { kindOf } from '../handlers/kind-of.js';
import { callerParameter, foundFor } from './caller-parameter.js';

const PARAMETER: CallerParameter = { by: '@CurrentUser()', gives: 'user', optional: false };

const userParameter = createParamDecorator(
  async (_: undefined, context: ExecutionContext): Promise<object | undefined> => {
    const found = foundFor(PARAMETER, context, 'let a token be optional with @OptionalAuth()');
    return found?.auth && found.judge.loadCurrentUser(context, found.auth, found.request);
  },
);

/**
 * Gives a handler the application's user of its caller, as the option `loadUser` gives it: asked after the requirement held, once
 * per request, before the handler runs. A caller whom `loadUser` does not know is refused with 403 `user_unknown`. In handlers
 * with `@OptionalAuth()` it is `undefined` for callers without a token, and `loadUser` is not asked.
 *
 * ```ts
 * @Get() @RequireScopes('Orders.Read')
 * list(@CurrentUser() user: User) {}
 * ```
 */
export function CurrentUser(given?: never): ParameterDecorator {
  if (given !== undefined) {
    throw new ConfigurationError(
      `@CurrentUser(...) was given ${kindOf(given)}.`,
      'Write @CurrentUser(). It gives the whole user: take what you need of it in the handler.',
    );
  }
  return callerParameter(PARAMETER, userParameter());
}
