import 'reflect-metadata';
import { RequestMethod } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import { lineage, prototypeOf } from './declarations.js';

/** One HTTP handler of the application. */
export interface Handler {
  readonly controller: Function;
  readonly method: string;
  /** `OrdersController.list (GET /orders)`. */
  readonly name: string;
  /** The functions that Nest may call it by: the prototype's, and the instance's where a constructor bound it. */
  readonly callbacks: readonly Function[];
}

/** Nest's own metadata keys; 10, 11 and 12 share them, but not a place to import them from. */
const PATH = 'path';
const METHOD = 'method';

/** Every HTTP handler of every controller. Handlers of messages and events have no path, and are not among them. */
export function handlersOf(modules: ModulesContainer): readonly Handler[] {
  const scanner = new MetadataScanner();
  const found = new Map<Function, readonly Handler[]>();
  for (const module of modules.values()) {
    for (const { metatype, instance } of module.controllers.values()) {
      // One controller may be registered in several modules.
      if (typeof metatype !== 'function' || found.has(metatype)) continue;
      const methods = scanner
        .getAllMethodNames(prototypeOf(metatype))
        .filter((method) => hasRoute(metatype, method));
      found.set(
        metatype,
        methods.map((method) => handlerOf(metatype, method, instance)),
      );
    }
  }
  return [...found.values()].flat();
}

/** Every class that Nest creates as a provider, controllers aside. */
export function providerClasses(modules: ModulesContainer): ReadonlySet<Function> {
  const controllers = new Set<unknown>();
  const providers = new Set<Function>();
  for (const module of modules.values()) {
    for (const { metatype } of module.controllers.values()) controllers.add(metatype);
    for (const { metatype, inject } of module.providers.values()) {
      // With `inject` it is a factory's function.
      if (typeof metatype === 'function' && inject === undefined && lineage(metatype).length > 0)
        providers.add(metatype);
    }
  }
  return new Set([...providers].filter((provider) => !controllers.has(provider)));
}

/** Every controller of the application, with or without handlers. */
export function controllersOf(modules: ModulesContainer): ReadonlySet<Function> {
  const controllers = [...modules.values()].flatMap((module) => [...module.controllers.values()]);
  return new Set(controllers.flatMap(({ metatype }) => (typeof metatype === 'function' ? [metatype] : [])));
}

/** Whether a method has a route, as Nest sees it: on the function that the class ends up with. */
export function hasRoute(controller: Function, method: string): boolean {
  const callback = functionOf(prototypeOf(controller), method);
  return callback !== undefined && Reflect.hasMetadata(PATH, callback);
}

/** The method's function, if it is one. */
export function functionOf(holder: object, method: string): Function | undefined {
  const value: unknown = (holder as Readonly<Record<string, unknown>>)[method];
  return typeof value === 'function' ? value : undefined;
}

function handlerOf(controller: Function, method: string, instance: unknown): Handler {
  const onPrototype = functionOf(prototypeOf(controller), method);
  const onInstance =
    typeof instance === 'object' && instance !== null ? functionOf(instance, method) : undefined;
  return {
    controller,
    method,
    name: `${controller.name}.${method} (${routesOf(controller, onPrototype)})`,
    callbacks: [onPrototype, onInstance].filter((callback) => callback !== undefined),
  };
}

function routesOf(controller: Function, callback: Function | undefined): string {
  if (callback === undefined) return '';
  const verb = RequestMethod[Reflect.getMetadata(METHOD, callback) as RequestMethod] ?? 'GET';
  const prefixes = pathsIn(Reflect.getMetadata(PATH, controller));
  const paths = prefixes.flatMap((prefix) =>
    pathsIn(Reflect.getMetadata(PATH, callback)).map((path) => `${verb} ${joined(prefix, path)}`),
  );
  return paths.join(', ');
}

function pathsIn(path: unknown): readonly string[] {
  return Array.isArray(path) ? path.map(String) : [typeof path === 'string' ? path : '/'];
}

function joined(prefix: string, path: string): string {
  return `/${prefix}/${path}`.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
}
