import 'reflect-metadata';
import { RequestMethod, VERSION_NEUTRAL, VersioningType } from '@nestjs/common';
import type { ModulesContainer, Routes } from '@nestjs/core';
import type { ApplicationConfig, VersioningConfiguration } from './application-config.js';
import { prototypeOf } from './declarations.js';
import { functionOf, type Handler } from './handler-inventory.js';

/** One method and path that a handler answers at. */
export interface RouteAddress {
  readonly method: string;
  readonly path: string;
}

/** Nest's own metadata keys; 10, 11 and 12 share them, but not a place to import them from. */
const PATH = 'path';
const METHOD = 'method';
const VERSION = '__version__';
const MODULE_PATH = '__module_path__';

/**
 * Gives the places of each handler, as Nest composes them: global prefix, version, the module's path (`RouterModule`), the
 * controller's and the handler's own.
 */
export function routePlaces(
  config: ApplicationConfig,
  modules: ModulesContainer,
): (handler: Handler) => readonly RouteAddress[] {
  const modulePaths = modulePathsIn(modules);
  return ({ controller, method }) => {
    const callback = functionOf(prototypeOf(controller), method);
    if (callback === undefined) return [];
    const requestMethod = Reflect.getMetadata(METHOD, callback) as RequestMethod;
    const versions = versionPaths(config.getVersioning?.(), controller, callback);
    const routes = (modulePaths.get(controller) ?? ['']).flatMap((modulePath) =>
      pathsIn(Reflect.getMetadata(PATH, controller)).flatMap((outer) =>
        pathsIn(Reflect.getMetadata(PATH, callback)).map((inner) => joined(modulePath, outer, inner)),
      ),
    );
    return versions.flatMap((version) =>
      routes.map((route) => ({
        method: RequestMethod[requestMethod] ?? 'GET',
        path: pathOf(config, requestMethod, route, version),
      })),
    );
  };
}

/** The path of a route, with the global prefix unless the route is excluded from it. */
export function pathOf(
  config: ApplicationConfig,
  requestMethod: RequestMethod,
  route: string,
  version = '',
): string {
  return joined(prefixFor(config, requestMethod, route), version, route);
}

function prefixFor(config: ApplicationConfig, requestMethod: RequestMethod, route: string): string {
  const excluded = (config.getGlobalPrefixOptions?.().exclude ?? []).some(
    (one) =>
      (one.requestMethod === RequestMethod.ALL || one.requestMethod === requestMethod) &&
      one.pathRegex.test(route),
  );
  return excluded ? '' : (config.getGlobalPrefix?.() ?? '');
}

/** What versions add to the path: nothing, unless they are told by the URI. */
function versionPaths(
  versioning: VersioningConfiguration | undefined,
  controller: Function,
  callback: Function,
): readonly string[] {
  if (versioning?.type !== VersioningType.URI) return [''];
  const declared: unknown =
    Reflect.getMetadata(VERSION, callback) ??
    Reflect.getMetadata(VERSION, controller) ??
    versioning.defaultVersion;
  if (declared === undefined) return [''];
  const prefix = versioning.prefix === false ? '' : (versioning.prefix ?? 'v');
  const versions: readonly unknown[] = Array.isArray(declared) ? declared : [declared];
  return versions.map((version) => (version === VERSION_NEUTRAL ? '' : `${prefix}${String(version)}`));
}

/** The paths of the modules that each controller is registered in. */
function modulePathsIn(modules: ModulesContainer): ReadonlyMap<unknown, readonly string[]> {
  const registered = registeredRoutes(modules);
  const paths = new Map<unknown, string[]>();
  for (const { metatype, controllers } of modules.values()) {
    const known: unknown =
      Reflect.getMetadata(MODULE_PATH + modules.applicationId, metatype) ??
      Reflect.getMetadata(MODULE_PATH, metatype) ??
      registered.get(metatype);
    for (const { metatype: controller } of controllers.values()) {
      paths.set(controller, [
        ...new Set([...(paths.get(controller) ?? []), typeof known === 'string' ? known : '']),
      ]);
    }
  }
  return paths;
}

/** The routes given to `RouterModule.register`. In a preview they are not in the metadata yet. */
function registeredRoutes(modules: ModulesContainer): ReadonlyMap<unknown, string> {
  const lists = [...modules.values()]
    .filter(({ metatype }) => metatype.name === 'RouterModule')
    .flatMap(({ providers }) => [...providers.values()])
    .flatMap(({ token, instance }) =>
      typeof token === 'symbol' && token.description === 'ROUTES' && Array.isArray(instance)
        ? [instance as Routes]
        : [],
    );
  return new Map(lists.flatMap((routes) => flattened(routes, '')));
}

function flattened(routes: Routes, above: string): readonly (readonly [unknown, string])[] {
  return routes.flatMap((route) => {
    const path = joined(above, route.path);
    const children = route.children ?? [];
    return [
      ...(route.module === undefined ? [] : [[route.module, path] as const]),
      ...children.flatMap((child) =>
        typeof child === 'function' ? [[child, path] as const] : flattened([child as Routes[number]], path),
      ),
    ];
  });
}

function pathsIn(path: unknown): readonly string[] {
  return Array.isArray(path) ? path.map(String) : [typeof path === 'string' ? path : ''];
}

function joined(...parts: readonly string[]): string {
  return `/${parts.join('/')}`.replace(/\/{2,}/g, '/').replace(/(.)\/$/, '$1');
}
