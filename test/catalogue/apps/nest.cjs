require('reflect-metadata');
const { Controller, Get, Module } = require('@nestjs/common');
const { EntraGuardModule, Public, RequireScopes, OptionalAuth } = require('@entra-guard/nestjs');

// What decorators come to where nobody compiles them.
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
