import type { RequestMethod, VersioningType } from '@nestjs/common';
import { ExternalContextCreator, type ModulesContainer } from '@nestjs/core';

/** What an application says about all its handlers. None of this is Nest's public API, so every part may be missing. */
export interface ApplicationConfig {
  getGlobalGuards?(): unknown;
  getGlobalRequestGuards?(): unknown;
  getGlobalPrefix?(): string;
  getGlobalPrefixOptions?(): { readonly exclude?: readonly ExcludedRoute[] };
  getVersioning?(): VersioningConfiguration | undefined;
}

/** A route that the global prefix is not put in front of. */
export interface ExcludedRoute {
  readonly requestMethod: RequestMethod;
  readonly pathRegex: RegExp;
}

/** What `app.enableVersioning` was told. */
export interface VersioningConfiguration {
  readonly type: VersioningType;
  readonly prefix?: string | false;
  readonly defaultVersion?: unknown;
}

interface Configured {
  readonly guardsContextCreator?: { readonly config?: ApplicationConfig };
}

/** The configuration of the application that these modules belong to, found from inside; empty where Nest keeps it elsewhere. */
export function applicationConfig(modules: ModulesContainer): ApplicationConfig {
  for (const { providers } of modules.values()) {
    const creator = providers.get(ExternalContextCreator)?.instance as Configured | null | undefined;
    const config = creator?.guardsContextCreator?.config;
    if (config !== undefined) return config;
  }
  return {};
}
