import { ConfigurationError, entraGuard, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { ErrorRequestHandler, IRouter, RequestHandler } from 'express5';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { registrations } from '../http/routes.js';
import { guardOptions } from '../http/run-rows.js';
import { statusOf } from './in-process.js';
import { majors } from './majors.js';

let entra: InProcessEntra;
let guard: ReturnType<typeof entraGuard>;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
  guard = entraGuard(guardOptions(entra));
});
afterAll(() => entra.close());

/** What a router is told, one after the other. */
type Registration =
  | {
      readonly what: 'guard' | 'route' | 'guarded route' | 'failing' | 'error handler' | 'loader';
      readonly path: string;
    }
  | { readonly what: 'router'; readonly path: string; readonly guarded: boolean; readonly inside: Tree };
interface Tree {
  readonly caseSensitive: boolean;
  readonly strict: boolean;
  readonly registrations: readonly Registration[];
}

/** Pieces of paths, with what each major has for special signs: optional slashes are where prefixes deceive. */
const pieces: Readonly<Record<string, readonly string[]>> = {
  'Express 4': [
    '/a',
    '/A',
    '/b',
    '/:p',
    '/a.b',
    '/*',
    '/?b',
    '/',
    '|/b',
    '+',
    '?',
    '/(a|b)',
    '/:p?',
    '/:p-:q',
  ],
  'Express 5': ['/a', '/A', '/b', '/:p', '/a.b', '/*w', '{/b}', '/{b}', '/', '/:p-:q', '{/:p}'],
};

const urls = [
  ...['/', '/a', '/A', '/b', '/x', '/ab', '/a.b', '/a-b', '/a/', '//a', '/%61'],
  ...['/a/a', '/a/b', '/A/b', '/b/a', '/x/b', '/a//b', '//a/b', '/a/b/', '/x/y', '/aa', '/a/a-b'],
  ...['/a/a/b', '/a/b/b', '/a/b//b', '/b/a/x', '/x/y/z', '/a/a.b', '/a/b?x=/b'],
].flatMap((url) => [url, `${url}${url.includes('?') ? '&' : '?'}fail`]);

function trees(major: string): fc.Arbitrary<Tree> {
  const path = fc
    .array(fc.constantFrom(...(pieces[major] ?? [])), { minLength: 1, maxLength: 3 })
    .map((parts) => parts.join(''));
  const { tree } = fc.letrec<{ tree: Tree; registration: Registration }>((tie) => ({
    tree: fc.record({
      caseSensitive: fc.boolean(),
      strict: fc.boolean(),
      registrations: fc.array(tie('registration'), { minLength: 1, maxLength: 4 }),
    }),
    registration: fc.oneof(
      { maxDepth: 2, depthSize: 'small' },
      fc.record({
        what: fc.constantFrom(
          ...['guard', 'guard', 'guard', 'route', 'route', 'guarded route'],
          ...['failing', 'error handler', 'loader'],
        ),
        path,
      }),
      fc.record({ what: fc.constant('router'), path, guarded: fc.boolean(), inside: tie('tree') }),
    ) as fc.Arbitrary<Registration>,
  }));
  return tree;
}

const open: RequestHandler = (_req, res) => {
  res.statusCode = 200;
  res.end();
};

const failing: RequestHandler = (req, _res, next) => next(req.url.includes('fail') ? new Error() : undefined);
const forgiving: ErrorRequestHandler = (_error, _req, _res, next) => next();

const pass: RequestHandler = (_req, _res, next) => next();

describe.each(majors)('what assertAllGuarded is content with on %s', (major, express) => {
  // What is guarded; and the same with nothing in front of its routes, which shows what requests come to one.
  const router = ({ caseSensitive, strict, registrations }: Tree, guarded: boolean): IRouter => {
    const made = express.Router({ caseSensitive, strict });
    for (const one of registrations) register(made, one, guarded);
    return made;
  };
  const register = (into: IRouter, one: Registration, guarded: boolean) => {
    const protect = guarded ? guard.require(scopes('Orders.Read')) : pass;
    switch (one.what) {
      case 'guard':
        return into.use(one.path, protect);
      case 'route':
        return into.get(one.path, open);
      case 'guarded route':
        return into.get(one.path, protect, open);
      case 'failing':
        return into.use(one.path, failing);
      case 'error handler':
        return into.use(one.path, forgiving);
      case 'loader':
        return into.param('p', guarded ? open : pass);
      case 'router':
        return into.use(one.path, ...(one.guarded ? [protect] : []), router(one.inside, guarded));
    }
  };

  it('opens nothing to a request without a token, however paths and routers are put together', async () => {
    let content = 0;
    await fc.assert(
      fc.asyncProperty(trees(major), async (tree) => {
        const app = express().set('env', 'test');
        const unguarded = express().set('env', 'test');
        try {
          app.use(router(tree, true));
          unguarded.use(router(tree, false));
        } catch {
          // No path of this major.
          fc.pre(false);
        }
        try {
          guard.assertAllGuarded(app);
        } catch (error) {
          if (ConfigurationError.is(error)) return;
          throw error;
        }
        content++;
        for (const url of urls) {
          if ((await statusOf(app, url)) === 200) expect(await statusOf(unguarded, url), url).not.toBe(200);
        }
      }),
      { numRuns: 500, seed: 20_261_123 },
    );
    expect(content).toBeGreaterThan(50);
  }, 60_000);
});
