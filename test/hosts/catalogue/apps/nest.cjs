require('reflect-metadata');
const { Controller, Get, Module, VersioningType } = require('@nestjs/common');
const { NestFactory } = require('@nestjs/core');
const { EntraGuardModule, Public, RequireScopes, OptionalAuth } = require('@entra-guard/nestjs');

// What a compiler makes of decorators.
const decorate = (target, methods, ...ofClass) => {
  for (const [name, decorators] of Object.entries(methods)) {
    const descriptor = Object.getOwnPropertyDescriptor(target.prototype, name);
    for (const decorator of decorators) decorator(target.prototype, name, descriptor);
  }
  for (const decorator of ofClass) decorator(target);
  return target;
};

class OrdersController {
  list() {}
  forgotten() {}
}
decorate(
  OrdersController,
  { list: [Get(), RequireScopes('Orders.Read')], forgotten: [Get('forgotten')] },
  Controller('orders'),
);

class Contradiction {
  list() {}
}
decorate(Contradiction, { list: [Get(), Public(), OptionalAuth()] }, Controller('wrong'));

class Database {
  constructor() {
    throw new Error('A preview connects to nothing.');
  }
}

const providers = [Database];
class AppModule {
  static with(options) {
    return { module: AppModule, imports: [EntraGuardModule.forRoot(options)] };
  }
}
decorate(AppModule, {}, Module({ controllers: [OrdersController], providers }));
class WrongModule {}
decorate(
  WrongModule,
  {},
  Module({
    imports: [
      EntraGuardModule.forRoot({
        tenantId: '11111111-1111-4111-8111-111111111111',
        clientId: '22222222-2222-4222-8222-222222222222',
      }),
    ],
    controllers: [Contradiction],
  }),
);

exports.AppModule = AppModule;
exports.WrongModule = WrongModule;
exports.createModule = (options) => AppModule.with(options);

class SmallModule {
  static with(options) {
    return { module: SmallModule, imports: [EntraGuardModule.forRoot(options)] };
  }
}
decorate(SmallModule, {}, Module({ controllers: [OrdersController] }));
exports.createApp = async (options) => {
  const app = await NestFactory.create(SmallModule.with(options), { logger: false, abortOnError: false });
  app.setGlobalPrefix('api', { exclude: ['orders/forgotten'] });
  app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
  return app;
};
exports.createContext = (options) =>
  NestFactory.createApplicationContext(SmallModule.with(options), { logger: false, abortOnError: false });
