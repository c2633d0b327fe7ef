import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));

/** The tests of the core alone, and only the quick ones: what a mutant of the core is judged by. */
export default defineConfig({
  test: {
    include: ['packages/core/test/**/*.test.ts', 'test/hosts/audit/**/*.test.ts'],
    // It sends tens of thousands of tokens; packages/core/test/keys/fetch-budget.test.ts judges the same.
    exclude: ['packages/core/test/keys/budget.test.ts'],
  },
  resolve: {
    alias: ['core', 'testing'].map((name) => ({
      find: new RegExp(`^@entra-guard/${name}$`),
      replacement: path(`./packages/${name}/src/index.ts`),
    })),
  },
});
