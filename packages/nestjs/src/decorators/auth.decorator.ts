import { noteAuth } from '../handlers/auth-parameters.js';
import { kindOf } from '../handlers/kind-of.js';
import 'reflect-metadata';
import { type AuthContext, ConfigurationError } from '@entra-guard/core';
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { recall } from '../calls/request-auth.js';

/** Options of {@link Auth}. */
export interface AuthParameterOptions {
  /** Gives `undefined` where no caller is authenticated, instead of failing. Default `false`. */
  readonly optional?: boolean;
}

/** What TypeScript writes down of a method's parameters (`emitDecoratorMetadata`), and NestJS shows to pipes. */
const PARAMETER_TYPES = 'design:paramtypes';

const authParameter = createParamDecorator(
  (optional: boolean, context: ExecutionContext): AuthContext | undefined => {
    const found = recall(context.getArgs(), context.getHandler(), context.getClass());
    if (found?.auth !== undefined || found?.optional === true || optional) return found?.auth;
    throw new ConfigurationError(
      `${context.getClass().name}.${context.getHandler().name} takes @Auth(), and no caller is authenticated.`,
      found === undefined
        ? 'EntraGuard did not judge this call: install it for every handler, or put @UseGuards(EntraGuard) here.'
        : 'The handler is public: require something of its callers, or take @Auth({ optional: true }).',
    );
  },
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
  const optional = optionalIn(options);
  const inject = authParameter(optional);
  return (target, key, index) => {
    if (key === undefined) {
      throw new ConfigurationError(
        `@Auth() stands on a parameter of ${typeof target === 'function' ? target.name : 'a class'}'s constructor, where no caller is known.`,
        'Take it in the handler, or inject REQUEST and ask authOf(request) in a method: providers are made before guards run.',
      );
    }
    if (!optional) noteAuth(target, key);
    hideTypeFromPipes(target, key, index);
    inject(target, key, index);
  };
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
