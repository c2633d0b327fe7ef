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

const WEB_STANDARD = (title: string, guide: string, use: string): Recipe => ({
  title,
  guide,
  lines: [
    CORE,
    "import { guardedBy } from './guarded-by'; // copy it from docs/other-hosts.md, Web-standard requests",
    '',
    GUARD,
    'const guarded = guardedBy(guard);',
    use,
  ],
});

const RECIPES: Readonly<Record<Exclude<FrameworkName, 'express' | 'nestjs'>, Recipe>> = {
  fastify: {
    title: 'Fastify',
    guide: 'docs/other-hosts.md#fastify',
    lines: [
      CORE,
      "import { requiring } from './requiring'; // copy it from docs/other-hosts.md, Fastify",
      '',
      GUARD,
      "app.get('/orders', { onRequest: requiring(guard, scopes('access_as_user')) }, async (request) => ({",
      '  for: guard.authOf(request.raw)?.objectId,',
      '}));',
    ],
  },
  hono: WEB_STANDARD(
    'Hono',
    'docs/other-hosts.md#hono',
    "const listOrders = guarded('GET /orders', scopes('access_as_user'), (auth) => Response.json({ for: auth.objectId }));\napp.get('/orders', (c) => listOrders(c.req.raw));",
  ),
  nextjs: WEB_STANDARD(
    'Next.js',
    'docs/other-hosts.md#nextjs',
    "export const GET = guarded('GET /api/orders', scopes('access_as_user'), (auth) => Response.json({ for: auth.objectId }));",
  ),
  'azure-functions': {
    title: 'Azure Functions',
    guide: 'docs/other-hosts.md#azure-functions',
    lines: [
      "import { scopes } from '@entra-guard/core';",
      "import { guardedFunction } from './guarded-function'; // copy it from docs/other-hosts.md, Azure Functions",
      '',
      "app.http('orders', {",
      "  methods: ['GET'],",
      "  authLevel: 'anonymous', // about function keys; the guard decides",
      '  handler: (request) =>',
      "    guardedFunction('GET /orders', scopes('access_as_user'), request, async (auth) => ({",
      '      jsonBody: { for: auth.objectId },',
      '    })),',
      '});',
    ],
  },
};

/** The recipe of a framework; `undefined` for those that have an adapter. */
export function recipeFor(name: FrameworkName): Recipe | undefined {
  return name === 'express' || name === 'nestjs' ? undefined : RECIPES[name];
}
