// Node decides a file's module kind by the nearest package.json: the CommonJS build needs one of its own.
import { existsSync, readdirSync, writeFileSync } from 'node:fs';

for (const name of readdirSync('packages')) {
  const folder = `packages/${name}/dist/cjs`;
  if (existsSync(folder)) writeFileSync(`${folder}/package.json`, '{ "type": "commonjs" }\n');
}
