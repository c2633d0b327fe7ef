import 'reflect-metadata';

const AUTH_PARAMETERS = 'entra-guard:auth-parameters';

/** Notes that a method takes an `@Auth()` that needs a caller. */
export function noteAuth(prototype: object, method: string | symbol): void {
  Reflect.defineMetadata(AUTH_PARAMETERS, true, prototype, method);
}

/** Whether this very method, not one that it overrides, takes an `@Auth()` that needs a caller. */
export function needsAuth(prototype: object, method: string): boolean {
  return Reflect.getOwnMetadata(AUTH_PARAMETERS, prototype, method) === true;
}
