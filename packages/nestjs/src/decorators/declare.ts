import { ConfigurationError } from '@entra-guard/core';
import { attachGuard } from '../guards/declaration-guard.js';
import { addDeclaration, type Declaration } from '../handlers/declarations.js';

/**
 * Makes the decorator that records a declaration. Declarations accumulate; none overwrites another. On a method they are
 * kept with the class and the method's name, where no wrapper can wipe them, and with the function, where mixins find them.
 * The guard that enforces them stands on the same places.
 *
 * @throws ConfigurationError on targets that never handle a request
 */
export function declare(declaration: Declaration): ClassDecorator & MethodDecorator {
  return (target: object, key?: string | symbol, descriptor?: unknown): void => {
    if (key === undefined) {
      addDeclaration(declaration, target);
      attachGuard(target);
      return;
    }
    const method = handlerFunction(declaration.by, target, key, descriptor);
    addDeclaration(declaration, target, key);
    addDeclaration(declaration, method);
    attachGuard(method);
    attachGuard(target.constructor);
  };
}

function handlerFunction(by: string, target: object, key: string | symbol, descriptor: unknown): object {
  const owner = typeof target === 'function' ? target.name : target.constructor.name;
  const value = isDescriptor(descriptor) ? descriptor.value : undefined;
  if (typeof target !== 'function' && typeof key === 'string' && typeof value === 'function') return value;
  throw new ConfigurationError(
    `${by} stands on ${owner}.${String(key)}, which is ${typeof target === 'function' ? 'static' : 'not a method'} and handles no request.`,
    'Put it on a controller or on a method with a route.',
  );
}

function isDescriptor(descriptor: unknown): descriptor is PropertyDescriptor {
  return typeof descriptor === 'object' && descriptor !== null;
}
