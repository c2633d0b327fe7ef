// @ts-check
import 'reflect-metadata';
import { Controller, Get, Module, Req, UseGuards } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { AuthGuard, PassportModule, PassportStrategy } from '@nestjs/passport';

/**
 * Starts a service with one guarded handler, as in the usual samples. Decorators are called as functions, because this
 * file also runs without being compiled.
 *
 * @param {import('./stand.mjs').StrategyClass} BearerStrategy
 * @param {never} options
 * @param {((...given: unknown[]) => unknown) | undefined} validate
 */
export async function openNest(BearerStrategy, options, validate) {
  class Strategy extends PassportStrategy(
    /** @type {new (...given: never[]) => object} */ (BearerStrategy),
    'azure-ad',
  ) {
    constructor() {
      super(/** @type {never} */ (options));
    }
    /** @param {unknown[]} given */
    validate(...given) {
      return validate?.(...given);
    }
  }

  class OrdersController {
    /** @param {{ user?: unknown, authInfo?: unknown }} request */
    list({ user, authInfo }) {
      return { user, authInfo };
    }
  }
  const list = /** @type {PropertyDescriptor} */ (
    Object.getOwnPropertyDescriptor(OrdersController.prototype, 'list')
  );
  Get()(OrdersController.prototype, 'list', list);
  Req()(OrdersController.prototype, 'list', 0);
  UseGuards(AuthGuard('azure-ad'))(OrdersController);
  Controller()(OrdersController);

  class AppModule {}
  Module({
    imports: [PassportModule],
    controllers: [OrdersController],
    providers: [{ provide: Strategy, useFactory: () => new Strategy() }],
  })(AppModule);

  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const { port } = /** @type {import('node:net').AddressInfo} */ (app.getHttpServer().address());
  const close = async () => {
    app.getHttpServer().closeAllConnections();
    await app.close();
  };
  return { port, close };
}
