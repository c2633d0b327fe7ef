import { parametersOf } from './layer-path.js';
import { roleOf } from './mark.js';
import type { Layer, Router } from './routing.js';

/**
 * What `param()` was given for a parameter of this layer, in words: Express calls it before the layer's own function.
 * `undefined` where a guard comes first in it, and where there is none.
 */
export function loaderBefore(layer: Layer, { params = {} }: Router): string | undefined {
  const name = parametersOf(layer).find((one) => {
    const loaders = Object.hasOwn(params, one) ? params[one] : undefined;
    const first = loaders?.map(roleOf).find((role) => role !== 'authenticate');
    return loaders !== undefined && loaders.length > 0 && typeof first !== 'object';
  });
  return name === undefined ? undefined : `param('${name}') runs before guard.require, and may answer`;
}
