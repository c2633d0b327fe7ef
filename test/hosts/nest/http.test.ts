import 'reflect-metadata';
import type { Readable } from 'node:stream';
import { Auth, type AuthContext, EntraGuardModule, OptionalAuth, Public, Require } from '@entra-guard/nestjs';
import type { LocalEntra } from '@entra-guard/testing';
import { Controller, Delete, Get, HttpCode, type INestApplication, Post, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type HttpRoute, httpRoutes, type WhoCalls, whoCalls } from '../http/routes.js';
import { describeHttpRows, guardOptions, type StartHost } from '../http/run-rows.js';
import { adapterOf, moduleOf, type Platform, platforms } from './platforms.js';

const verbs = { GET: Get, POST: Post, DELETE: Delete };

/** A controller with a handler for each route of the table, declared as its requirement says. */
function controllerOf(entra: LocalEntra): Type {
  @Controller()
  class TableController {}
  const { prototype } = TableController;
  for (const [index, route] of httpRoutes(entra).entries()) {
    const name = `handler${index}`;
    Object.defineProperty(prototype, name, {
      value: (auth: AuthContext | undefined): WhoCalls => whoCalls(auth),
      configurable: true,
      writable: true,
    });
    Auth({ optional: route.requirement === 'public' })(prototype, name, 0);
    const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
    for (const decorate of decoratorsOf(route)) decorate(prototype, name, descriptor);
  }
  return TableController;
}

function decoratorsOf({ method, path, requirement }: HttpRoute): readonly MethodDecorator[] {
  const handled = [HttpCode(200), verbs[method](path)];
  if (requirement === 'undeclared') return handled;
  if (requirement === 'public') return [Public(), ...handled];
  if (requirement === 'optional') return [OptionalAuth(), ...handled];
  return [Require(requirement), ...handled];
}

const start =
  (platform: Platform): StartHost =>
  async (entra) => {
    const AppModule = moduleOf({
      imports: [EntraGuardModule.forRoot(guardOptions(entra))],
      controllers: [controllerOf(entra)],
    });
    const app = await NestFactory.create(AppModule, adapterOf(platform), { logger: false });
    if (platform === 'fastify') acceptEmptyBodies(app);
    await app.listen(0, '127.0.0.1');
    return { origin: await app.getUrl(), close: () => app.close() };
  };

/** Fastify answers 415 to a chunked body without a content type, before any guard; the table's POST sends an empty one. */
function acceptEmptyBodies(app: INestApplication): void {
  const fastify = app.getHttpAdapter().getInstance() as {
    addContentTypeParser(type: '*', parse: (request: unknown, body: Readable) => Promise<void>): void;
  };
  fastify.addContentTypeParser('*', async (_request, body) => {
    for await (const _chunk of body) {
      // Nothing in it is looked at.
    }
  });
}

for (const platform of platforms) {
  describeHttpRows(`Nest ${process.env.NEST_MAJOR} on ${platform}`, start(platform), {
    undeclared: 'denied',
  });
}
