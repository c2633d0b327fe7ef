import 'reflect-metadata';
import { ConfigurationError } from '@entra-guard/core';
import type { ExecutionContext } from '@nestjs/common';
import { type RequestAuth, recall } from '../calls/request-auth.js';
import { type CallerParameter, noteParameter } from '../handlers/caller-parameters.js';

/** What TypeScript writes down of a method's parameters (`emitDecoratorMetadata`), and NestJS shows to pipes. */
const PARAMETER_TYPES = 'design:paramtypes';

/**
 * Makes a decorator of a parameter that gives something of the caller.
 *
 * @param inject Nest's decorator for it
 */
export function callerParameter(parameter: CallerParameter, inject: ParameterDecorator): ParameterDecorator {
  return (target, key, index) => {
    if (key === undefined) {
      throw new ConfigurationError(
        `${parameter.by} stands on a parameter of ${typeof target === 'function' ? target.name : 'a class'}'s constructor, where no caller is known.`,
        'Take it in the handler, or inject REQUEST and ask authOf(request) in a method: providers are made before guards run.',
      );
    }
    noteParameter(target, key, parameter);
    hideTypeFromPipes(target, key, index);
    inject(target, key, index);
  };
}

/**
 * Returns what the guard found for the call; without a caller only where the handler accepts that.
 *
 * @param instead what to take where callers need no token, for the hint
 * @throws ConfigurationError
 */
export function foundFor(
  { by, optional }: CallerParameter,
  context: ExecutionContext,
  instead: string,
): RequestAuth | undefined {
  const found = recall(context.getArgs(), context.getHandler(), context.getClass());
  if (found?.auth !== undefined || found?.optional === true || optional) return found;
  throw new ConfigurationError(
    `${context.getClass().name}.${context.getHandler().name} takes ${by}, and no caller is authenticated.`,
    found === undefined
      ? 'EntraGuard did not judge this call: install it for every handler, or put @UseGuards(EntraGuard) here.'
      : `The handler is public: require something of its callers, or ${instead}.`,
  );
}

/**
 * Hides the parameter's class from pipes. A `ValidationPipe` with `validateCustomDecorators` would make a new object of that
 * class and hand it to the handler: a copy, which no guard has authenticated.
 */
function hideTypeFromPipes(target: object, key: string | symbol, index: number): void {
  const types: unknown = Reflect.getOwnMetadata(PARAMETER_TYPES, target, key);
  if (!Array.isArray(types)) return;
  Reflect.defineMetadata(PARAMETER_TYPES, types.with(index, Object), target, key);
}
