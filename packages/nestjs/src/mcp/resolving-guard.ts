import type { DecisionPlace, Grant, Guard, RequestLike } from '@entra-guard/core';
import { GUARD_ACCESS, guardAccessOf } from '@entra-guard/core/mcp';

/** What Nest knows of a request: checks see the request of Express or Fastify, and find providers. */
export type NestPlace = Pick<DecisionPlace, 'request' | 'resolve'>;

/**
 * Returns a guard for `entraMcp(...)` that tells checks what Nest knows of a request.
 *
 * @param placeOf `undefined` for a request that Nest has not handed over
 */
export function resolvingGuard(core: Guard, placeOf: (request: object) => NestPlace | undefined): object {
  const require = (request: RequestLike, requirement: Grant, place: DecisionPlace) =>
    core.require(request, requirement, inNest(place, placeOf(request)));
  const guard = new Proxy(core, {
    get: (target, name) => {
      if (name === 'require') return require;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? (value.bind(target) as unknown) : value;
    },
  });
  return { [GUARD_ACCESS]: { ...guardAccessOf(core), guard } };
}

/** A place may make what it tells only when it is asked: it is asked through this, and not copied. */
function inNest(place: DecisionPlace, { request, resolve }: NestPlace = {}): DecisionPlace {
  return new Proxy(place, {
    get: (target, name) => {
      if (name === 'request') return request;
      return name === 'resolve' ? resolve : (Reflect.get(target, name, target) as unknown);
    },
  });
}
