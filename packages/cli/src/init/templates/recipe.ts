import type { FrameworkName } from '../recognise/framework.js';

/** What to do in a service whose framework has no adapter. */
export interface Recipe {
  readonly title: string;
  /** In the repository of this package. */
  readonly guide: string;
  /** The lines of code, for reading. */
  readonly lines: readonly string[];
}

const CORE = "import { createGuard, optionsFromEnv, scopes } from '@entra-guard/core';";
const GUARD = 'const guard = createGuard(optionsFromEnv());';

const RECIPES: Readonly<Record<Exclude<FrameworkName, 'express' | 'nestjs'>, Recipe>> = {
  fastify: {
    title: 'Fastify',
    guide: 'docs/fastify.md',
    lines: [
      CORE,
      "import { requiring } from './guarded'; // copy it from docs/fastify.md, The hook",
      '',
      GUARD,
      "app.get('/orders', { onRequest: requiring(guard, scopes('access_as_user')) }, async (request) => ({",
      '  for: guard.authOf(request.raw)?.objectId,',
      '}));',
    ],
  },
  hono: {
    title: 'Hono',
    guide: 'docs/hono.md',
    lines: [
      CORE,
      "import { guardedBy } from './guarded'; // copy it from docs/hono.md, The wrapper",
      '',
      GUARD,
      'const guarded = guardedBy(guard);',
      "const listOrders = guarded('GET /orders', scopes('access_as_user'), (auth) => Response.json({ for: auth.objectId }));",
      "app.get('/orders', (c) => listOrders(c.req.raw));",
    ],
  },
  nextjs: {
    title: 'Next.js',
    guide: 'docs/nextjs.md',
    lines: [
      CORE,
      "import { guardedBy } from '../../lib/guarded'; // copy it from docs/nextjs.md, The wrapper",
      '',
      GUARD,
      'const guarded = guardedBy(guard);',
      "export const GET = guarded('GET /orders', scopes('access_as_user'), (auth) => Response.json({ for: auth.objectId }));",
    ],
  },
  'azure-functions': {
    title: 'Azure Functions',
    guide: 'docs/azure-functions.md',
    lines: [
      CORE,
      "import { guardedFunction } from './guarded'; // copy it from docs/azure-functions.md",
      '',
      GUARD,
      "const listOrders = guardedFunction(guard, 'GET /orders', scopes('access_as_user'), async (auth) => ({",
      '  jsonBody: { for: auth.objectId },',
      '}));',
      "app.http('listOrders', {",
      "  route: 'orders',",
      "  methods: ['GET'],",
      "  authLevel: 'anonymous', // about function keys; the guard decides",
      '  handler: listOrders,',
      '});',
    ],
  },
};

/** The recipe of a framework; `undefined` for those that have an adapter. */
export function recipeFor(name: FrameworkName): Recipe | undefined {
  return name === 'express' || name === 'nestjs' ? undefined : RECIPES[name];
}
