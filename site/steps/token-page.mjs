// Builds the page that explains tokens: one HTML file, one script, one style sheet, and nothing else that it could load.
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'vite';
import { built, site } from './folders.mjs';

/** Builds it from the sources of the core, with stand-ins for the little of Node that they use. */
export async function buildTokenPage() {
  const folder = join(site, 'token-page');
  const standIns = join(folder, 'node-stand-ins.ts');
  const base = process.env.SITE_BASE ?? '/';
  await build({
    root: folder,
    base,
    logLevel: 'warn',
    configFile: false,
    resolve: { alias: { 'node:util': standIns, 'node:crypto': standIns } },
    build: {
      outDir: join(site, 'generated/token-page'),
      emptyOutDir: true,
      target: 'es2022',
      modulePreload: false,
      assetsInlineLimit: 0,
      rollupOptions: { input: join(folder, 'explain-a-token.html') },
    },
  });
  cpSync(join(site, 'generated/token-page'), built, { recursive: true });
}
