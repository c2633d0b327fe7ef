import 'reflect-metadata';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import {
  type CanActivate,
  Controller,
  type DynamicModule,
  Get,
  type INestApplication,
  Injectable,
  Module,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { SCOPE } from '../contenders/contender.js';
import { guardOptions, readAuthority } from '../engine/authority.js';
import { answer } from './answering.js';

const [name = '', authorityFile = ''] = process.argv.slice(2);
const authority = readAuthority(authorityFile);

@Injectable()
class OpenGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

/** The same controller in both applications; metadata that nobody reads costs nothing. */
@Controller('orders')
class OrdersController {
  @Get()
  @RequireScopes(SCOPE)
  list(): object {
    return [{ id: 1, item: 'Tea', pieces: 3 }];
  }
}

@Module({})
class AppModule {
  static guarded(): DynamicModule {
    return {
      module: AppModule,
      controllers: [OrdersController],
      imports: [EntraGuardModule.forRoot(guardOptions(authority))],
    };
  }

  static open(): DynamicModule {
    return {
      module: AppModule,
      controllers: [OrdersController],
      providers: [{ provide: APP_GUARD, useClass: OpenGuard }],
    };
  }
}

const setups: Record<string, { readonly setup: string; readonly module: () => DynamicModule }> = {
  'guard that returns true': {
    setup: 'the same application with an APP_GUARD whose canActivate returns true',
    module: AppModule.open,
  },
  'entra-guard (Nest)': {
    setup: `EntraGuardModule.forRoot with defaults, @RequireScopes('${SCOPE}') on the handler`,
    module: AppModule.guarded,
  },
};
const chosen = setups[name];
if (chosen === undefined) throw new Error(`No Nest application is called "${name}".`);
const { setup, module } = chosen;

let app: INestApplication | undefined;

const questions = {
  setup: () => setup,
  listen: async (): Promise<number> => {
    app = await NestFactory.create(module(), { logger: false });
    await app.listen(0, '127.0.0.1');
    const server = app.getHttpServer() as Server;
    server.keepAliveTimeout = 60_000;
    return (server.address() as AddressInfo).port;
  },
  collectGarbage: () => {},
  cpu: () => {
    const { user, system } = process.cpuUsage();
    return user + system;
  },
};

answer(questions);
