import type { ExposedHandler } from '@entra-guard/core';
import { approvalHandlers } from '@entra-guard/core/approvals';
import { revocationHandlers } from '@entra-guard/core/revocation';
import { RequestMethod } from '@nestjs/common';
import type { ModulesContainer } from '@nestjs/core';
import { APPROVAL_OPTIONS, REVOCATION_OPTIONS } from '../entra-guard.tokens.js';
import type { ApplicationConfig } from '../handlers/application-config.js';
import { pathOf } from '../handlers/route-places.js';

/** What modules of this package answer. They are middleware, and so no handlers of a controller. */
export function ownRoutes(config: ApplicationConfig, modules: ModulesContainer): readonly ExposedHandler[] {
  const place = (handler: string) => (route: ExposedHandler) => {
    const { method, path, access } = route;
    const verb = RequestMethod[method as keyof typeof RequestMethod];
    return { method, path: pathOf(config, verb, path), handler, access };
  };
  const revocations = providedIn(modules, REVOCATION_OPTIONS) ? revocationHandlers() : [];
  const approvals = providedIn(modules, APPROVAL_OPTIONS);
  const { allow } = Object(approvals?.instance) as { readonly allow?: unknown };
  return [
    ...revocations.map(place('EntraRevocationsModule')),
    ...(approvals === undefined ? [] : approvalHandlers(allow)).map(place('EntraApprovalsModule')),
  ];
}

/** The provider of a module's options. A preview has made none that a factory gives. */
function providedIn(modules: ModulesContainer, token: symbol): { readonly instance: unknown } | undefined {
  return [...modules.values()].flatMap(({ providers }) => providers.get(token) ?? [])[0];
}
