// Compiles one program in every way of resolving modules that a compiler has, and runs what comes out of one compiler; and
// sees that each compiler refuses what wrong-uses.ts says, line by line.
const { spawnSync } = require('node:child_process');
const { copyFileSync, mkdirSync, readFileSync, writeFileSync } = require('node:fs');
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
/** By the names that tsconfig.json has for them, each with its programs; TypeScript 7 has no node10 any more. */
const ways = [
  ['node10', ['ts'], { module: 'commonjs', moduleResolution: 'node10', ignoreDeprecations: '5.0' }],
  ['node16', ['cts', 'mts'], { module: 'node16' }],
  ['nodenext', ['cts', 'mts'], { module: 'nodenext' }],
  ['bundler', ['mts'], { module: 'esnext', moduleResolution: 'bundler' }],
];
const compilers = process.argv.slice(2);

let failed = 0;
for (const extension of ['cts', 'mts']) {
  copyFileSync(join(__dirname, 'app.ts'), join(__dirname, `app.${extension}`));
}
for (const compiler of compilers) {
  for (const [name, extensions, options] of ways) {
    if (compiler === 'typescript7' && name === 'node10') continue;
    const given = { ...common, ...options };
    if (compiler === 'typescript6' && name === 'node10') given.ignoreDeprecations = '6.0';
    const programs = extensions.map((extension) => `app.${extension}`);
    const { folder, args } = compilation(compiler, name, given, programs);
    report(`${compiler}, ${name}: compiles`, args);
    if (name === 'bundler' || compiler !== 'typescript5.9') continue;
    for (const program of programs) {
      report(`${compiler}, ${name}: ${program} runs`, [join(folder, 'out', program.replace(/ts$/, 'js'))]);
    }
  }
}
for (const compiler of compilers) refuses(compiler);
process.exitCode = failed === 0 ? 0 : 1;

function compilation(compiler, name, options, files) {
  const folder = join(__dirname, `${compiler}-${name.replaceAll(/\W+/g, '-')}`);
  mkdirSync(folder, { recursive: true });
  const config = {
    compilerOptions: { ...options, outDir: 'out', rootDir: '..' },
    files: files.map((file) => `../${file}`),
  };
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join(dirname(require.resolve(`${compiler}/package.json`)), 'bin/tsc');
  return { folder, args: [tsc, '--pretty', 'false', '-p', folder] };
}

/** Each wrong use is an error of its own, of the kind that stands beside it, and the right uses are none. */
function refuses(compiler) {
  const expected = readFileSync(join(__dirname, 'wrong-uses.ts'), 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const kind = /[;)] \/\/ ([a-z ]+): /.exec(line)?.[1];
      return kind === undefined ? [] : [`${index + 1} ${kind}`];
    });
  const options = { ...common, module: 'nodenext', noEmit: true };
  const { args } = compilation(compiler, 'wrong uses', options, ['wrong-uses.ts']);
  const { stdout, stderr } = outcomeOf(args);
  const found = [...stdout.matchAll(/wrong-uses\.ts\((\d+),\d+\): error (TS\d+)/g)].map(
    ([, line, code]) => `${line} ${kindOf(code)}`,
  );
  const others = stdout
    .split('\n')
    .filter((line) => /error TS/.test(line) && !line.includes('wrong-uses.ts('));
  const problems = [
    ...expected.filter((one) => !found.includes(one)).map((one) => `not refused: line ${one}`),
    ...found.filter((one) => !expected.includes(one)).map((one) => `refused without need: line ${one}`),
    ...others,
  ];
  if (problems.length === 0 && found.length > 0) return;
  failed++;
  console.error(`${compiler}, wrong uses:\n${problems.join('\n')}\n${stdout}${stderr}`);
}

function report(what, args) {
  const { status, stdout, stderr } = outcomeOf(args);
  if (status === 0 && (args.length > 1 || stdout.includes('done'))) return;
  failed++;
  console.error(`${what}: no.\n${stdout}${stderr}`);
}

function outcomeOf(args) {
  return spawnSync(process.execPath, args, { cwd: __dirname, encoding: 'utf8' });
}

/** Compilers have several words for one thing. */
function kindOf(code) {
  const kinds = {
    'unknown option': ['TS2353', 'TS2561'],
    'not assignable': ['TS2322', 'TS2345', 'TS2412', 'TS2820'],
    'too few': ['TS2554', 'TS2555', 'TS2556'],
    'maybe undefined': ['TS2532'],
    'no such member': ['TS2339', 'TS2551'],
    'read only': ['TS2540'],
  };
  return Object.keys(kinds).find((kind) => kinds[kind].includes(code)) ?? code;
}
