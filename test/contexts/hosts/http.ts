import { EntraGuardModule } from '@entra-guard/nestjs';
import { Controller, Get } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { adapterOf, moduleOf, type Platform } from '../../nest/platforms.js';
import { handlerClasses } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';

export function http(platform: Platform): StartContext {
  return async (entra) => {
    const controllers = [...handlerClasses((operation) => [Get(operation)], [Controller()])];
    const imports = [EntraGuardModule.forRoot(quietOptions(entra))];
    const app = await NestFactory.create(moduleOf({ imports, controllers }), adapterOf(platform), {
      logger: false,
      abortOnError: false,
    });
    await app.listen(0, '127.0.0.1');
    const origin = await app.getUrl();
    return {
      close: () => app.close(),
      call: async (operation, authorization) => {
        const headers = authorization === undefined ? {} : { authorization };
        const answer = await fetch(`${origin}/${operation}`, { headers });
        const text = await answer.text();
        return answer.ok ? { gave: text } : { code: (JSON.parse(text) as { code: string }).code };
      },
    };
  };
}
