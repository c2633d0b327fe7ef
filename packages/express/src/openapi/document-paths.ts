import type { SecuredOperation } from '@entra-guard/core';
import type { ExposedRoute } from '../routes/handlers-in.js';
import { forMethod } from './route-order.js';

interface Parameter {
  readonly name?: string;
  readonly in?: string;
}

/** An operation of the document that has a route. */
export interface RoutedOperation {
  /** In lower case. */
  readonly verb: string;
  /** As the routes have it, without the base path. */
  readonly path: string;
  readonly operation: SecuredOperation;
}

const VERBS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] as const;
type Verb = (typeof VERBS)[number];

/** What a route for all methods is described as, where the document doesn't say. */
const OF_ALL: readonly Verb[] = ['get', 'put', 'post', 'delete', 'patch'];

/** A path of the document: its Path Item Object (OpenAPI 3.1 section 4.8.9), to be written into, and the routes found there. */
interface Place {
  readonly template: string;
  /** The template of its first route. */
  path?: string;
  readonly item: Record<string, object | string | undefined>;
  readonly routes: ExposedRoute[];
}

/** The paths of a document, joined with the routes of an application. The document given is not changed. */
export class DocumentPaths {
  readonly #places = new Map<string, Place>();
  /** Extensions (`x-...`). */
  readonly #others: Readonly<Record<string, object | undefined>>;

  constructor(paths: Readonly<Record<string, object | undefined>> = {}) {
    const entries = Object.entries(paths);
    this.#others = Object.fromEntries(entries.filter(([name]) => !name.startsWith('/')));
    for (const [template, item] of entries.filter(([name]) => name.startsWith('/'))) {
      // Of two templates for the same requests the second is kept as it is: nothing that was written is lost.
      const key = keyOf(template);
      this.#places.set(this.#places.has(key) ? template : key, { template, item: { ...item }, routes: [] });
    }
  }

  /** A route is at this template, or at one that differs only in the names of its parameters. */
  join(template: string, route: ExposedRoute): void {
    const key = keyOf(template);
    const place = this.#places.get(key) ?? { template, item: {}, routes: [] };
    this.#places.set(key, place);
    place.path ??= template;
    place.routes.push(route);
  }

  /** The operations that have a route. With `add`, those the document lacks are put into it. */
  operations(add: boolean): readonly RoutedOperation[] {
    return [...this.#places.values()].flatMap((place) => {
      const described = VERBS.filter((verb) => verb in place.item);
      const verbs = add ? new Set([...described, ...verbsToAdd(place, described)]) : described;
      return [...verbs].flatMap((verb): readonly RoutedOperation[] => {
        if (forMethod(verb, place.routes).length === 0) return [];
        // A copy: a document read from YAML may have one object in several places.
        const operation: SecuredOperation = { ...((place.item[verb] as object) ?? newOperation(place)) };
        place.item[verb] = operation;
        return [{ verb, path: place.path ?? place.template, operation }];
      });
    });
  }

  /** The operations of the document that no route was found for: `GET /orders`. */
  withoutRoute(): readonly string[] {
    return [...this.#places.values()].flatMap((place) =>
      VERBS.filter((verb) => verb in place.item && forMethod(verb, place.routes).length === 0).map(
        (verb) => `${verb.toUpperCase()} ${place.template}`,
      ),
    );
  }

  /** As a document has them. */
  written(): Readonly<Record<string, object | undefined>> {
    const filled = [...this.#places.values()].filter(
      ({ item, routes }) => routes.length === 0 || Object.keys(item).length > 0,
    );
    return { ...Object.fromEntries(filled.map(({ template, item }) => [template, item])), ...this.#others };
  }
}

/** Returns one key for all templates that take the same requests: parameter names and a trailing slash do not count. */
function keyOf(template: string): string {
  return template.replace(/\{[^{}]*\}/g, '{}').replace(/\/+$/, '');
}

function verbsToAdd({ item, routes }: Place, described: readonly Verb[]): readonly Verb[] {
  // The item is elsewhere, and what it says can't be seen.
  if ('$ref' in item) return [];
  const own = VERBS.filter((verb) => routes.some(({ method }) => method === verb.toUpperCase()));
  const forAll = routes.some(({ method }) => method === 'ALL');
  return forAll && own.length === 0 && described.length === 0 ? OF_ALL : own;
}

function newOperation({ template, item }: Place): object {
  const shared = (item.parameters ?? []) as readonly Parameter[];
  const parameters = [...template.matchAll(/\{([^{}]*)\}/g)]
    .map(([, name]) => name)
    .filter((name) => !shared.some((one) => one.in === 'path' && one.name === name))
    .map((name) => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  return {
    ...(parameters.length === 0 ? {} : { parameters }),
    responses: { default: { description: 'The answer of the API.' } },
  };
}
