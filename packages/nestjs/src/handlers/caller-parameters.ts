import 'reflect-metadata';

/** The decorators of parameters that need a caller. */
export type CallerParameter = '@Auth()' | '@CurrentUser()';

const CALLER_PARAMETERS = 'entra-guard:caller-parameters';

/** Notes that a method takes a parameter that needs a caller. */
export function noteParameter(prototype: object, method: string | symbol, by: CallerParameter): void {
  Reflect.defineMetadata(CALLER_PARAMETERS, [...callerParameters(prototype, method), by], prototype, method);
}

/** The parameters that need a caller, of this very method and not of one that it overrides. */
export function callerParameters(prototype: object, method: string | symbol): readonly CallerParameter[] {
  const noted: unknown = Reflect.getOwnMetadata(CALLER_PARAMETERS, prototype, method);
  return (noted ?? []) as readonly CallerParameter[];
}
