import { EntraGuardModule } from '@entra-guard/nestjs';
import { Controller, Get, Sse, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { of } from 'rxjs';
import { adapterOf, moduleOf, type Platform } from '../../nest/platforms.js';
import { handlerClasses, whoIs } from '../handlers.js';
import { quietOptions, type StartContext } from '../host.js';

export function http(platform: Platform): StartContext {
  return served(
    platform,
    handlerClasses((operation) => [Get(operation)], [Controller()]),
    (text) => text,
  );
}

/** Server-sent events: a stream of one, and then its end. */
export function sse(platform: Platform): StartContext {
  const controllers = handlerClasses(
    (operation) => [Sse(operation)],
    [Controller()],
    (_, auth) => of({ data: whoIs(auth) }),
  );
  return served(platform, controllers, (text) => /^data: (.*)$/m.exec(text)?.[1] ?? text);
}

function served(
  platform: Platform,
  handlers: readonly Type[],
  gaveOf: (text: string) => string,
): StartContext {
  return async (entra) => {
    const controllers = [...handlers];
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
        return answer.ok ? { gave: gaveOf(text) } : { code: (JSON.parse(text) as { code: string }).code };
      },
    };
  };
}
