import 'reflect-metadata';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { lineage, prototypeOf } from './declarations.js';
import { type Entry, entriesOf, isGateway } from './handler-metadata.js';

/** One handler of the application, in one context. */
export interface Handler extends Entry {
  /** The class: a controller, a resolver or a gateway. */
  readonly controller: Function;
  readonly method: string;
  /** `OrdersController.list (GET /orders)`, `OrdersGateway.list (message 'orders')`. */
  readonly name: string;
  /** The functions that Nest may call it by: the prototype's, and the instance's where a constructor bound it. */
  readonly callbacks: readonly Function[];
}

interface Registered {
  readonly owner: Function;
  readonly instance: unknown;
  readonly as: 'controller' | 'provider';
}

/** Every handler of the application: HTTP routes, fields of GraphQL, messages of gateways and of microservices. */
export function handlersOf(modules: ModulesContainer): readonly Handler[] {
  const scanner = new MetadataScanner();
  // One class may be registered in several modules, and as a controller and a gateway at once.
  const found = {
    controller: new Map<Function, readonly Handler[]>(),
    provider: new Map<Function, readonly Handler[]>(),
  };
  for (const { owner, instance, as } of registeredClasses(modules)) {
    if ((found[as].get(owner)?.length ?? 0) > 0) continue;
    const methods = scanner.getAllMethodNames(prototypeOf(owner));
    found[as].set(
      owner,
      methods.flatMap((method) => handlersOfMethod(owner, method, instance, as)),
    );
  }
  return [...found.controller.values(), ...found.provider.values()].flat();
}

/** Every gateway, those without handlers included: they push. */
export function gatewaysOf(modules: ModulesContainer): readonly Function[] {
  const owners = registeredClasses(modules).flatMap(({ owner, as }) => (as === 'provider' ? [owner] : []));
  return [...new Set(owners)].filter(isGateway);
}

/** Every class that Nest creates as a provider, controllers aside. */
export function providerClasses(modules: ModulesContainer): ReadonlySet<Function> {
  const controllers = controllersOf(modules);
  const providers = registeredClasses(modules).flatMap(({ owner, as }) => (as === 'provider' ? [owner] : []));
  return new Set(providers.filter((provider) => !controllers.has(provider)));
}

/** Every controller of the application, with or without handlers. */
export function controllersOf(modules: ModulesContainer): ReadonlySet<Function> {
  return new Set(registeredClasses(modules).flatMap(({ owner, as }) => (as === 'controller' ? [owner] : [])));
}

/** Whether a method is a handler in any context, as Nest sees it: by the function that the class ends up with. */
export function isHandler(owner: Function, method: string): boolean {
  return [...entriesOf(owner, method, 'controller'), ...entriesOf(owner, method, 'provider')].length > 0;
}

/** The method's function, if it is one. */
export function functionOf(holder: object, method: string): Function | undefined {
  const value: unknown = (holder as Readonly<Record<string, unknown>>)[method];
  return typeof value === 'function' ? value : undefined;
}

function registeredClasses(modules: ModulesContainer): readonly Registered[] {
  return [...modules.values()].flatMap((module) => [
    ...[...module.controllers.values()].flatMap(({ metatype, instance }) =>
      typeof metatype === 'function' ? [{ owner: metatype, instance, as: 'controller' as const }] : [],
    ),
    ...[...module.providers.values()].flatMap(({ metatype, instance, inject }) => {
      // With `inject` the metatype is a factory's function, and Nest looks at the class of what it made.
      const made = (instance as { readonly constructor?: unknown } | null | undefined)?.constructor;
      const owner = inject === undefined && typeof metatype === 'function' ? metatype : made;
      return typeof owner === 'function' && owner !== Object && lineage(owner).length > 0
        ? [{ owner, instance, as: 'provider' as const }]
        : [];
    }),
  ]);
}

function handlersOfMethod(
  owner: Function,
  method: string,
  instance: unknown,
  as: Registered['as'],
): readonly Handler[] {
  const onPrototype = functionOf(prototypeOf(owner), method);
  const onInstance =
    typeof instance === 'object' && instance !== null ? functionOf(instance, method) : undefined;
  const callbacks = [onPrototype, onInstance].filter((callback) => callback !== undefined);
  return entriesOf(owner, method, as).map((entry) => ({
    ...entry,
    controller: owner,
    method,
    name: `${owner.name}.${method} (${entry.by})`,
    callbacks,
  }));
}
