import { Auth, type AuthContext, OptionalAuth, Public, RequireScopes } from '@entra-guard/nestjs';
import type { Type } from '@nestjs/common';
import type { Operation } from './rows.js';

const declarations: Readonly<Record<Operation, readonly MethodDecorator[]>> = {
  read: [],
  write: [RequireScopes('Write')],
  open: [Public()],
  maybe: [OptionalAuth()],
  undeclared: [],
};

/** What a handler gives; gateways on `ws` answer with an event. */
export type Answer = (operation: Operation, auth: AuthContext | undefined) => unknown;

/** What decorates a handler so that its context finds it. */
export type HandledBy = (operation: Operation) => readonly MethodDecorator[];

/** A class whose handlers require `Read` by the class, and one with a handler that nothing is declared for. */
export function handlerClasses(
  handledBy: HandledBy,
  onClass: readonly ClassDecorator[],
  answer: Answer = (_, auth) => whoIs(auth),
): readonly [declared: Type, undeclared: Type] {
  class OrdersHandlers {}
  class ForgottenHandlers {}
  for (const operation of ['read', 'write', 'open', 'maybe'] as const) {
    addHandler(OrdersHandlers, operation, handledBy(operation), answer);
  }
  addHandler(ForgottenHandlers, 'undeclared', handledBy('undeclared'), answer);
  RequireScopes('Read')(OrdersHandlers);
  for (const decorate of onClass) {
    decorate(OrdersHandlers);
    decorate(ForgottenHandlers);
  }
  return [OrdersHandlers, ForgottenHandlers];
}

function addHandler(
  { prototype }: Type,
  operation: Operation,
  handledBy: readonly MethodDecorator[],
  answer: Answer,
): void {
  Object.defineProperty(prototype, operation, {
    value: (auth: AuthContext | undefined): unknown => answer(operation, auth),
    configurable: true,
    writable: true,
  });
  Reflect.defineMetadata('design:paramtypes', [Object], prototype, operation);
  Auth({ optional: operation === 'open' })(prototype, operation, 0);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, operation) as PropertyDescriptor;
  for (const decorate of [...declarations[operation], ...handledBy])
    decorate(prototype, operation, descriptor);
}

/** Whom a handler saw. */
export function whoIs(auth: AuthContext | undefined): string {
  return auth?.kind ?? 'nobody';
}
