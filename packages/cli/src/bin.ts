import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { processHost } from './host.js';
import { run } from './run.js';

// The reader of a pipe may close it early, as `head` does.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
}

const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
const { version } = JSON.parse(manifest) as { readonly version: string };
const inspector = fileURLToPath(new URL('./app/inspector.js', import.meta.url));
void run(process.argv.slice(2), processHost(version, inspector)).then((code) => {
  // Not `process.exit`: what was written to a pipe may still be on its way.
  process.exitCode = code;
});
