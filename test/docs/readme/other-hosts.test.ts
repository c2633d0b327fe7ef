import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { createGuard, type Guard } from '@entra-guard/core';
import type { LocalEntra } from '@entra-guard/testing';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { expect, it } from 'vitest';
import { type HttpRoute, httpRoutes, whoCalls } from '../../hosts/http/routes.js';
import { describeHttpRows, guardOptions, type RunningHost } from '../../hosts/http/run-rows.js';
import { listen } from '../../support/listen.js';
import { requiring } from './fastify.js';
import { blocksOf, fileOf } from './page.js';
import { guardedBy } from './web-standard.js';

it.each([
  ['other-hosts', 'web-standard'],
  ['hono', 'web-standard'],
  ['nextjs', 'web-standard'],
  ['fastify', 'fastify'],
])('docs/%s.md shows the recipe that is tested here: %s', (page, recipe) => {
  expect(blocksOf(`docs/${page}.md`, 'ts')).toContain(fileOf(`test/docs/readme/${recipe}.ts`));
});

type WebHandler = (request: Request) => Response | Promise<Response>;

/** What a host of web-standard requests does: finds the handler, and hands it the request. */
async function startWeb(entra: LocalEntra): Promise<RunningHost> {
  const guard = createGuard(guardOptions(entra));
  const handlers = httpRoutes(entra).map((route) => ({ route, handler: webHandler(guard, route) }));
  return listen((incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const method = incoming.method === 'HEAD' ? 'GET' : incoming.method;
    const found = handlers.find(({ route }) => route.method === method && idOf(route, url) !== undefined);
    const request = new Request(url, { method: incoming.method ?? 'GET', headers: headersOf(incoming) });
    // The table's checks read it.
    Object.assign(request, { params: { id: found && idOf(found.route, url) } });
    const answering = Promise.resolve(found?.handler(request) ?? new Response(null, { status: 404 }));
    answering
      .then(async (answer) => {
        outgoing.writeHead(answer.status, Object.fromEntries(answer.headers));
        outgoing.end(await answer.text());
      })
      .catch((error: unknown) => outgoing.destroy(error as Error));
  });
}

function webHandler(guard: Guard, { method, path, requirement }: HttpRoute): WebHandler {
  const withoutCaller: WebHandler = () => Response.json(whoCalls(undefined));
  if (requirement === 'public' || requirement === 'undeclared') return withoutCaller;
  if (requirement === 'optional') {
    return async (request) => {
      try {
        return Response.json(whoCalls(await guard.authenticate(request, { optional: true })));
      } catch (error) {
        const { status, headers, body } = guard.toHttp(error);
        return Response.json(body, { status, headers });
      }
    };
  }
  return guardedBy(guard)(`${method} ${path}`, requirement, (auth) => Response.json(whoCalls(auth)));
}

/** The value of `:id`, `''` where the path has none, `undefined` where it is another path. */
function idOf({ path }: HttpRoute, url: URL): string | undefined {
  const [before = '', after] = path.split(':id');
  if (after === undefined) return url.pathname === path ? '' : undefined;
  return url.pathname.startsWith(before) ? url.pathname.slice(before.length) : undefined;
}

/** As they came in: `Headers` joins those of one name. */
function headersOf({ rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.append(rawHeaders[index] ?? '', rawHeaders[index + 1] ?? '');
  }
  return headers;
}

async function startFastify(entra: LocalEntra): Promise<RunningHost> {
  const guard = createGuard(guardOptions(entra));
  const app = new FastifyAdapter().getInstance();
  // Fastify answers 415 to a body without a content type; the table's POST sends an empty one.
  app.addContentTypeParser('*', async (_request: unknown, body: Readable) => {
    for await (const _chunk of body) {
      // Nothing in it is looked at.
    }
  });
  for (const { method, path: url, requirement } of httpRoutes(entra)) {
    if (requirement === 'optional') {
      app.route({ method, url, handler: (request, reply) => optionally(guard, request.raw, reply) });
    } else if (requirement === 'public' || requirement === 'undeclared') {
      app.route({ method, url, handler: async () => whoCalls(undefined) });
    } else {
      const onRequest = requiring(guard, requirement);
      app.route({ method, url, onRequest, handler: async ({ raw }) => whoCalls(guard.authOf(raw)) });
    }
  }
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, close: () => app.close() };
}

interface Reply {
  code(status: number): Reply;
  headers(values: Readonly<Record<string, string>>): Reply;
}

async function optionally(guard: Guard, request: IncomingMessage, reply: Reply): Promise<unknown> {
  try {
    return whoCalls(await guard.authenticate(request, { optional: true }));
  } catch (error) {
    const { status, headers, body } = guard.toHttp(error);
    reply.code(status).headers(headers);
    return JSON.stringify(body);
  }
}

describeHttpRows('web-standard requests', startWeb, { undeclared: 'open' });
describeHttpRows('plain Fastify', startFastify, { undeclared: 'open' });
