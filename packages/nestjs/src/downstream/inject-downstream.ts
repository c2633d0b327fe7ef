import { ConfigurationError } from '@entra-guard/core';
import { type FactoryProvider, Inject, Scope } from '@nestjs/common';
import { kindOf } from '../handlers/kind-of.js';

const DOWNSTREAM: unique symbol = Symbol.for('entra-guard/nestjs/downstream');

/** The names that were asked for anywhere in this process, and where. */
const asked = new Map<string, Set<string>>();

/** What a class injects, by the class: for those that are made only when a request comes. */
const injected = new WeakMap<Function, Set<string>>();

/**
 * What {@link InjectDownstream} injects: for `inject: [...]` of a factory, and for `overrideProvider(...)` in a test.
 *
 * @param name the name of an API; without it, all that `createDownstream` gives
 * @throws ConfigurationError for a name that is not text
 */
export function downstreamToken(name?: string): symbol {
  if (name === undefined) return DOWNSTREAM;
  assertName('downstreamToken(...)', name);
  note(name, "a factory's inject");
  return tokenOf(name);
}

/**
 * Injects another API, as a `DownstreamApi`; without a name the whole of it, as a `Downstream`. The application does not start where
 * `EntraDownstreamModule` has no API of this name.
 *
 * ```ts
 * constructor(@InjectDownstream('stock') private readonly stock: DownstreamApi) {}
 * ```
 *
 * @throws ConfigurationError for a name that is not text
 */
export function InjectDownstream(name?: string): PropertyDecorator & ParameterDecorator {
  if (name !== undefined) assertName('@InjectDownstream(...)', name);
  const inject = Inject(name === undefined ? DOWNSTREAM : tokenOf(name));
  return (target: object, key: string | symbol | undefined, index?: number) => {
    const owner = typeof target === 'function' ? target : target.constructor;
    if (name !== undefined) {
      note(name, owner.name);
      injected.set(owner, (injected.get(owner) ?? new Set()).add(name));
    }
    inject(target, key as string, index as number);
  };
}

/** Provides each API by its name, and for each other name that is asked for an error that says which ones there are. */
export function providersOfApis(names: readonly string[]): readonly FactoryProvider[] {
  const unknown = [...asked.keys()].filter((name) => !names.includes(name));
  return [
    ...names.map((name) => ({
      provide: tokenOf(name),
      useFactory: ({ apis }: { readonly apis: Readonly<Record<string, unknown>> }) => apis[name],
      inject: [DOWNSTREAM],
    })),
    // Made only where it is injected: another application of this process may have an API of this name.
    ...unknown.map((name) => ({
      provide: tokenOf(name),
      scope: Scope.TRANSIENT,
      useFactory: () => {
        throw unknownApi(name, [...(asked.get(name) ?? [])], names);
      },
    })),
  ];
}

/** @throws ConfigurationError for a class that injects an API which is not among these */
export function assertApisKnown(owner: Function, names: readonly string[]): void {
  for (const name of injected.get(owner) ?? []) {
    if (!names.includes(name)) throw unknownApi(name, [owner.name], names);
  }
}

function unknownApi(name: string, places: readonly string[], names: readonly string[]): ConfigurationError {
  return new ConfigurationError(
    `@InjectDownstream('${name}') in ${places.join(' or ')} names an API that EntraDownstreamModule does not have. It has: ${names.join(', ')}.`,
    'Write one of these names, or add the API to the option apis of EntraDownstreamModule.',
  );
}

function note(name: string, place: string): void {
  asked.set(name, (asked.get(name) ?? new Set()).add(place));
}

function tokenOf(name: string): symbol {
  return Symbol.for(`entra-guard/nestjs/downstream/${name}`);
}

/** @throws ConfigurationError for a name that is not text */
export function assertName(what: string, name: unknown): asserts name is string {
  if (typeof name === 'string' && name !== '') return;
  throw new ConfigurationError(
    `${what} was given ${name === '' ? 'an empty text' : kindOf(name)} instead of the name of an API.`,
    "Write a name of the option apis of EntraDownstreamModule: 'graph'.",
  );
}
