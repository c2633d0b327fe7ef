import { type AuthContext, ConfigurationError } from '@entra-guard/core';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { CallerParameter } from '../handlers/caller-parameters.js';
import { kindOf } from '../handlers/kind-of.js';
import { callerParameter, foundFor } from './caller-parameter.js';

/** Options of {@link Auth}. */
export interface AuthParameterOptions {
  /** Gives `undefined` where no caller is authenticated, instead of failing. Default `false`. */
  readonly optional?: boolean;
}

const authParameter = createParamDecorator(
  (parameter: CallerParameter, context: ExecutionContext): AuthContext | undefined =>
    foundFor(parameter, context, 'take @Auth({ optional: true })')?.auth,
);

/**
 * Gives a handler its caller, as an `AuthContext`. In handlers with `@OptionalAuth()` it is `undefined` for callers without a token;
 * elsewhere a missing caller is an error, never a silent `undefined`.
 *
 * ```ts
 * @Get() @RequireScopes('Orders.Read')
 * list(@Auth() auth: AuthContext) {}
 * ```
 */
export function Auth(options: AuthParameterOptions = {}): ParameterDecorator {
  const parameter: CallerParameter = { by: '@Auth()', gives: 'caller', optional: optionalIn(options) };
  return callerParameter(parameter, authParameter(parameter));
}

function optionalIn(options: unknown): boolean {
  const given = typeof options === 'object' && options !== null ? Object.entries(options) : undefined;
  const [first, ...others] = given ?? [];
  const [name, value] = first ?? ['optional', false];
  if (given !== undefined && others.length === 0 && name === 'optional' && isFlag(value))
    return value === true;
  throw new ConfigurationError(
    `@Auth(...) was given ${given === undefined ? kindOf(options) : `{ ${given.map(([one]) => one).join(', ')} }`}.`,
    'Write @Auth(), or @Auth({ optional: true }). It gives the whole AuthContext: take what you need of it in the handler.',
  );
}

function isFlag(value: unknown): boolean {
  return value === undefined || typeof value === 'boolean';
}
