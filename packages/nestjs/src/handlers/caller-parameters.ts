import 'reflect-metadata';

/** A parameter that gives something of the caller. */
export interface CallerParameter {
  /** The decorator: `@Auth()`, `@Downstream('graph')`. */
  readonly by: string;
  readonly gives: 'caller' | 'user' | 'api';
  /** Whether it gives `undefined` where there is nothing to give. */
  readonly optional: boolean;
  /** The name of the other API; of `@Downstream` only. */
  readonly api?: string;
}

const CALLER_PARAMETERS = 'entra-guard:caller-parameters';

/** Notes that a method takes a parameter that gives something of the caller. */
export function noteParameter(prototype: object, method: string | symbol, parameter: CallerParameter): void {
  const all = [...callerParameters(prototype, method), parameter];
  Reflect.defineMetadata(CALLER_PARAMETERS, all, prototype, method);
}

/** The parameters that give something of the caller, of this very method and not of one that it overrides. */
export function callerParameters(prototype: object, method: string | symbol): readonly CallerParameter[] {
  const noted: unknown = Reflect.getOwnMetadata(CALLER_PARAMETERS, prototype, method);
  return (noted ?? []) as readonly CallerParameter[];
}
