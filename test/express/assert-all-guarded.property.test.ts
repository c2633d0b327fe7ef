import { ConfigurationError, entraGuard, scopes } from '@entra-guard/express';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import type { IRouter, RequestHandler } from 'express5';
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
  | { readonly what: 'guard' | 'route' | 'guarded route'; readonly path: string }
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
];

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
      fc.record({ what: fc.constantFrom('guard', 'guard', 'route', 'route', 'guarded route'), path }),
      fc.record({ what: fc.constant('router'), path, guarded: fc.boolean(), inside: tie('tree') }),
    ) as fc.Arbitrary<Registration>,
  }));
  return tree;
}

const open: RequestHandler = (_req, res) => {
  res.statusCode = 200;
  res.end();
};

describe.each(majors)('what assertAllGuarded is content with on %s', (major, express) => {
  const router = ({ caseSensitive, strict, registrations }: Tree): IRouter => {
    const made = express.Router({ caseSensitive, strict });
    for (const one of registrations) register(made, one);
    return made;
  };
  const register = (into: IRouter, one: Registration) => {
    const protect = guard.require(scopes('Orders.Read'));
    switch (one.what) {
      case 'guard':
        return into.use(one.path, protect);
      case 'route':
        return into.get(one.path, open);
      case 'guarded route':
        return into.get(one.path, protect, open);
      case 'router':
        return into.use(one.path, ...(one.guarded ? [protect] : []), router(one.inside));
    }
  };

  it('opens nothing to a request without a token, however paths and routers are put together', async () => {
    let content = 0;
    await fc.assert(
      fc.asyncProperty(trees(major), async (tree) => {
        const app = express().set('env', 'test');
        try {
          app.use(router(tree));
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
        for (const url of urls) expect(await statusOf(app, url), url).not.toBe(200);
      }),
      { numRuns: 500, seed: 20_261_123 },
    );
    expect(content).toBeGreaterThan(50);
  }, 60_000);
});
