import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { entryPoints, packages } from './scripts/workspace.mjs';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/**
 * Tests run against the sources, so that no build can be stale and coverage points at real lines: each entry point that a
 * package exports is the source that it is built from.
 */
const sources = packages.flatMap(({ name, folder, manifest }) =>
  entryPoints(manifest).map(({ path, built }) => ({
    find: new RegExp(`^${name}${path.slice(1)}$`),
    replacement: `${folder}/src/${built}.ts`,
  })),
);

/**
 * They put modules in the place of others, load them a second time, play with the clock that other libraries see, or look at
 * what is rationed for a whole process (what forged tokens claimed is told sixty times a minute), so nobody else may share
 * their modules.
 */
const withModulesOfTheirOwn = [
  'packages/core/test/caller/is-context.test.ts',
  'packages/core/test/guard/odd-validators.test.ts',
  'packages/core/test/base/errors.test.ts',
  'packages/core/test/keys/key-set.test.ts',
  'packages/core/test/requirements/canonical.test.ts',
  'packages/core/test/testing/stand-in-guard.test.ts',
  'packages/core/test/token/memory/token-memory.test.ts',
  'packages/core/test/audit/decision-event.test.ts',
  'packages/testing/test/platform.test.ts',
  'test/hosts/audit/**/*.test.ts',
  'packages/core/test/token/memory/cache.test.ts',
  'packages/core/test/token/many-at-once.test.ts',
  'test/faults/**/*.test.ts',
  'test/hosts/passport/original.test.ts',
];

/** Seconds of key generation, which no test is about. */
const reusedKeys = [path('./test/support/reused-keys.ts')];

/**
 * What CI runs in steps of its own: tests with real servers and browsers, and those of the core, with their coverage. In the
 * configuration, because a project with an `exclude` ignores that of the command line.
 */
const notHere =
  process.env.ENTRA_GUARD_TESTS_APART === '1'
    ? ['**/*.servers.test.ts', 'packages/core/**', 'test/hosts/audit/**']
    : [];
const exclude = [...notHere, '**/node_modules/**', '**/dist/**'];

const oxc = { decorator: { legacy: true, emitDecoratorMetadata: true } };

/** Three NestJS majors side by side: each has a folder of its own with the real package names. */
function nest(major: number) {
  const modules = path(`./test/hosts/nest/${major}/node_modules/`);
  return {
    oxc,
    test: {
      name: `nest${major}`,
      setupFiles: reusedKeys,
      isolate: false,
      include: ['test/hosts/nest/**/*.test.ts', 'test/hosts/contexts/**/*.test.ts'],
      exclude,
      env: { NEST_MAJOR: String(major) },
    },
    resolve: {
      alias: [
        ...sources,
        {
          find: /^@nestjs\/(apollo|common|config|core|graphql|mercurius|microservices|passport|platform-express|platform-fastify|platform-socket\.io|platform-ws|swagger|terminus|testing|throttler|websockets)(\/.*)?$/,
          replacement: `${modules}@nestjs/$1$2`,
        },
        {
          find: /^(@grpc\/grpc-js|@rekog\/mcp-nest|@willsoto\/nestjs-prometheus|graphql|nestjs-cls|reflect-metadata|rxjs)$/,
          replacement: `${modules}$1`,
        },
      ],
    },
  };
}

/**
 * What other libraries do to a whole process, each loaded ahead of everything else: a file of test/hosts/agents. The answers have to
 * be the ones of every other process.
 */
const companions = ['zone', 'bluebird', 'late-storage', 'new-relic', 'elastic-apm'];

/** One NestJS major is enough for every change. */
const majorsBeside = process.env.ENTRA_GUARD_FULL === '1' ? [10, 11, 12] : [12];

const tablesOfHosts = [
  'test/hosts/agents/{companion,rejections}.test.ts',
  'test/hosts/express/http.test.ts',
  'test/hosts/passport/{answers,express}.test.ts',
];
const tablesOfNest = ['test/hosts/nest/{http,passport}.test.ts'];

function beside(companion: string) {
  const execArgv = ['--require', path(`./test/hosts/agents/${companion}.cjs`)];
  return [
    {
      oxc,
      test: {
        name: `beside ${companion}`,
        setupFiles: reusedKeys,
        isolate: false,
        execArgv,
        env: { COMPANION: companion },
        include: tablesOfHosts,
      },
      resolve: { alias: sources },
    },
    ...majorsBeside.map(nest).map(({ test, ...rest }) => ({
      ...rest,
      test: { ...test, name: `${test.name} beside ${companion}`, execArgv, include: tablesOfNest },
    })),
  ];
}

export default defineConfig({
  test: {
    // Both cores of a small machine: by itself Vitest leaves one idle.
    maxWorkers: '100%',
    projects: [
      {
        oxc,
        test: {
          name: 'unit',
          setupFiles: reusedKeys,
          // Loading NestJS and the rest for each file again takes longer than the tests do.
          isolate: false,
          include: [
            'packages/*/test/**/*.test.ts',
            'test/**/*.test.ts',
            'examples/*/test/**/*.test.ts',
            'bench/test/**/*.test.ts',
          ],
          exclude: [
            'test/hosts/nest/**',
            'test/hosts/contexts/**',
            'test/hosts/agents/{companion,rejections}.test.ts',
            ...withModulesOfTheirOwn,
            ...exclude,
          ],
        },
        resolve: { alias: sources },
      },
      {
        oxc,
        test: { name: 'own-modules', include: withModulesOfTheirOwn, exclude },
        resolve: { alias: sources },
      },
      nest(10),
      nest(11),
      nest(12),
      ...companions.flatMap(beside),
    ],
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text', 'html'],
      thresholds: { 'packages/core/src/**': { 100: true } },
    },
  },
});
