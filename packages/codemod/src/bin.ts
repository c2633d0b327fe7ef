import { readFileSync } from 'node:fs';
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
void run(process.argv.slice(2), processHost(version)).then((code) => {
  // Not `process.exit`: it would cut off what is still to be written to a pipe.
  process.exitCode = code;
});
