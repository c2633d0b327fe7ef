import 'reflect-metadata';
import type { IncomingMessage, Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { EntraGuardModule, RequireScopes } from '@entra-guard/nestjs';
import {
  type CanActivate,
  Controller,
  type DynamicModule,
  type ExecutionContext,
  Get,
  Injectable,
  Module,
  type Type,
} from '@nestjs/common';
import { APP_GUARD, NestFactory } from '@nestjs/core';
import { SCOPE } from '../contenders/contender.js';
import { callersByHash, tokenOf } from '../contenders/floors.js';
import { guardOptions, readAuthority } from '../engine/authority.js';
import { inDevelopment } from '../engine/in-development.js';
import { answer } from './answering.js';

const [name = '', authorityFile = ''] = process.argv.slice(2);
const authority = readAuthority(authorityFile);

@Injectable()
class OpenGuard implements CanActivate {
  canActivate(): boolean {
    return true;
  }
}

const callerOf = callersByHash();

@Injectable()
class HashingGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<IncomingMessage & { auth?: object }>();
    request.auth = callerOf(tokenOf(request));
    return true;
  }
}

const orders = (): object => [{ id: 1, item: 'Tea', pieces: 3 }];

/** The same controller twice: what declares who may call it does not start without something that enforces it. */
@Controller('orders')
class GuardedOrdersController {
  @Get()
  @RequireScopes(SCOPE)
  list(): object {
    return orders();
  }
}

@Controller('orders')
class OpenOrdersController {
  @Get()
  list(): object {
    return orders();
  }
}

@Module({})
class AppModule {
  static guarded(): DynamicModule {
    return {
      module: AppModule,
      controllers: [GuardedOrdersController],
      imports: [EntraGuardModule.forRoot(guardOptions(authority))],
    };
  }

  static open(guard: Type<CanActivate>): DynamicModule {
    return {
      module: AppModule,
      controllers: [OpenOrdersController],
      providers: [{ provide: APP_GUARD, useClass: guard }],
    };
  }
}

const setups: Record<string, { readonly setup: string; readonly module: () => DynamicModule }> = {
  'guard that returns true': {
    setup: 'the same application with an APP_GUARD whose canActivate returns true',
    module: () => AppModule.open(OpenGuard),
  },
  'guard that only hashes': {
    setup:
      'the same application with an APP_GUARD that looks the SHA-256 of the token up in a Map and sets request.auth',
    module: () => AppModule.open(HashingGuard),
  },
  'entra-guard (Nest)': {
    setup: `EntraGuardModule.forRoot with defaults, @RequireScopes('${SCOPE}') on the handler`,
    module: AppModule.guarded,
  },
};
const chosen = setups[name];
if (chosen === undefined) throw new Error(`No Nest application is called "${name}".`);
const { setup, module } = chosen;

const questions = {
  setup: () => setup,
  listen: async (): Promise<number> => {
    const app = await inDevelopment(() => NestFactory.create(module(), { logger: false }));
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
