import type { ModulesContainer } from '@nestjs/core';
import { type Handler, handlersOf } from '../handlers/handler-inventory.js';
import { attachGuard, DeclarationGuard } from './declaration-guard.js';
import { enforcersIn } from './enforcers.js';
import { guardedItself } from './guards-seen.js';

/**
 * Puts {@link DeclarationGuard} on all handlers. NestJS does not run global guards for gateways before version 12, nor in
 * microservices that are connected without `inheritAppConfig`. So handlers without a declaration are denied there, too,
 * unless `installGuard` is `false`.
 *
 * @param attached the guard that modules use which have not made one
 */
export function attachToHandlers(modules: ModulesContainer, attached: DeclarationGuard): void {
  const made = [...modules.values()].flatMap(({ providers }) => providers.get(DeclarationGuard) ?? []);
  const wrapper = made.find(({ instance }) => instance === attached);
  if (wrapper === undefined) return;
  for (const { injectables } of modules.values()) {
    // On what a factory gives NestJS drops guards without a word: it has made none there.
    if (!injectables.has(DeclarationGuard)) injectables.set(DeclarationGuard, wrapper);
  }
  for (const { controller } of handlersOf(modules)) attachGuard(controller);
}

/** Tells whether the guard that decorators attach, or {@link attachToHandlers}, stands in front of a handler. */
export function guardedByAttached(
  modules: ModulesContainer,
): (handler: Handler, declares: boolean) => boolean {
  const { guards, forAll } = enforcersIn(modules);
  const stands = guardedItself(modules, DeclarationGuard);
  return (handler, declares) => guards.length > 0 && (forAll || declares) && stands(handler);
}
