import { EntraGuardModule, type EntraGuardModuleOptions } from '@entra-guard/nestjs';
import { type DynamicModule, Module } from '@nestjs/common';
import { OpenController } from './open.controller.js';
import { OrderBook } from './order-book.js';
import { OrdersController } from './orders.controller.js';

/** The orders API. */
@Module({ controllers: [OpenController, OrdersController], providers: [OrderBook] })
export class AppModule {
  /** @param options whose tokens it accepts: `optionsFromEnv()` in production, `entra.options()` in tests */
  static with(options: EntraGuardModuleOptions): DynamicModule {
    // Applies the guard to every handler.
    return { module: AppModule, imports: [EntraGuardModule.forRoot(options)] };
  }
}
