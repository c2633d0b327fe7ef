import type { ModulesContainer } from '@nestjs/core';
import { applicationConfig } from './application-config.js';
import { type Handler, handlersOf } from './handler-inventory.js';
import { routePlaces } from './route-places.js';

/**
 * Every handler of the application, named as people know it: `OrdersController.list (GET /api/v1/orders)`, with the global
 * prefix and the version in its path.
 */
export function namedHandlers(modules: ModulesContainer): readonly Handler[] {
  const placesOf = routePlaces(applicationConfig(modules), modules);
  return handlersOf(modules).map((handler) => {
    if (handler.type !== 'http') return handler;
    const places = placesOf(handler).map(({ method, path }) => `${method} ${path}`);
    return { ...handler, name: `${handler.controller.name}.${handler.method} (${places.join(', ')})` };
  });
}
