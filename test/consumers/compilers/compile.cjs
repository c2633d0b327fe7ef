// Compiles one program in every way of resolving modules that a compiler has, and runs what comes out of one compiler.
const { spawnSync } = require('node:child_process');
const { copyFileSync, mkdirSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');

const common = {
  target: 'es2022',
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  esModuleInterop: true,
  experimentalDecorators: true,
  emitDecoratorMetadata: true,
  // Our own declarations are checked by importing them; those of others are not ours to mend.
  skipLibCheck: true,
  types: ['node'],
};
/** By the names that tsconfig.json has for them; TypeScript 7 has no node10 any more. */
const ways = [
  ['node10', 'ts', { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '5.0' }],
  ['node16, CommonJS', 'cts', { module: 'node16' }],
  ['node16, ESM', 'mts', { module: 'node16' }],
  ['nodenext, CommonJS', 'cts', { module: 'nodenext' }],
  ['nodenext, ESM', 'mts', { module: 'nodenext' }],
  ['bundler', 'mts', { module: 'esnext', moduleResolution: 'bundler' }],
];
const compilers = process.argv.slice(2);

let failed = 0;
for (const extension of ['cts', 'mts']) {
  copyFileSync(join(__dirname, 'app.ts'), join(__dirname, `app.${extension}`));
}
for (const compiler of compilers) {
  for (const [name, extension, options] of ways) {
    if (compiler === 'typescript7' && name === 'node10') continue;
    const given = { ...common, ...options };
    if (compiler === 'typescript6' && name === 'node10') given.ignoreDeprecations = '6.0';
    const folder = join(__dirname, `${compiler}-${name.replaceAll(/\W+/g, '-')}`);
    mkdirSync(folder, { recursive: true });
    const config = {
      compilerOptions: { ...given, outDir: 'out', rootDir: '..' },
      files: [`../app.${extension}`],
    };
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
    const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin/tsc');
    report(`${compiler}, ${name}: compiles`, [tsc, '-p', folder]);
    if (name === 'bundler' || compiler !== 'typescript5.9') continue;
    report(`${compiler}, ${name}: runs`, [join(folder, 'out', `app.${extension.replace('ts', 'js')}`)]);
  }
}
process.exitCode = failed === 0 ? 0 : 1;

function report(what, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: __dirname, encoding: 'utf8' });
  if (status === 0 && (args.length > 1 || stdout.includes('done'))) return;
  failed++;
  console.error(`${what}: no.\n${stdout}${stderr}`);
}
