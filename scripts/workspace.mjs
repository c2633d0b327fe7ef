// Shared by the scripts: where the packages are, how pnpm is called, how a package is packed.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

export const readJson = (file) => JSON.parse(readFileSync(file, 'utf8'));

/** The packages that are published: `{ name, folder, manifest }`, in alphabetical order. */
export const packages = readdirSync(join(root, 'packages'))
  .sort()
  .map((folder) => join(root, 'packages', folder))
  .filter((folder) => existsSync(join(folder, 'package.json')))
  .map((folder) => ({ folder, manifest: readJson(join(folder, 'package.json')) }))
  .filter(({ manifest }) => !manifest.private)
  .map(({ folder, manifest }) => ({ name: manifest.name, folder, manifest }));

/**
 * The entry points that a package exports: `{ path: './testing', built: 'testing/index' }`. The compiler makes `built` of
 * the source by that name.
 */
export function entryPoints({ exports }) {
  return Object.entries(exports).flatMap(([path, target]) => {
    const built = /^\.\/dist\/esm\/(.+)\.js$/.exec(target.import?.default ?? '')?.[1];
    return built === undefined ? [] : [{ path, built }];
  });
}

/** The one pnpm of this repository, as `npx` wants it named: `pnpm@10.34.9`. */
export const pinnedPnpm = readJson(join(root, 'package.json')).packageManager.replace(/\+.*$/, '');

/**
 * Runs a command without a terminal and resolves with `{ status, output }`: both streams in the order they came.
 * `status` is `null` where the command had to be ended, after `timeout` milliseconds. With `shell` the command is a line
 * for the shell.
 */
export function run(command, args, { cwd = root, env = {}, timeout = 180_000, shell, onOutput } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
      shell: shell ?? (process.platform === 'win32' && command !== process.execPath),
      // A group of its own, so that what the command started ends with it.
      detached: process.platform !== 'win32',
    });
    let output = '';
    const take = (chunk) => {
      output += chunk;
      onOutput?.(chunk);
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    const timer = setTimeout(() => {
      take(`\n(ended after ${timeout / 1000} s)\n`);
      end(child);
    }, timeout);
    child.on('error', reject);
    child.on('close', (status) => {
      clearTimeout(timer);
      resolve({ status, output });
    });
  });
}

function end(child) {
  try {
    if (process.platform === 'win32') child.kill();
    else process.kill(-child.pid, 'SIGKILL');
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * For `env` of `run`: takes away what the pnpm or npx around a script has set for itself, so that a command runs as in a
 * terminal of its own. How to reach the registry stays.
 */
export const ownTerminal = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^p?npm_|^PNPM_SCRIPT_|^INIT_CWD$|^NODE_(ENV|OPTIONS)$/i.test(name))
    .filter(
      (name) =>
        !/^npm_config_(registry|cafile|ca|proxy|https_proxy|noproxy|cache|userconfig|.*:_.*)$/i.test(name),
    )
    .map((name) => [name, undefined]),
);

/** Runs pnpm: the one that runs this script, or the pinned one. */
export function pnpm(args, options) {
  const { npm_execpath: current = '' } = process.env;
  return /pnpm\.[cm]?js$/.test(current)
    ? run(process.execPath, [current, ...args], options)
    : run('npx', ['--yes', pinnedPnpm, ...args], options);
}

/**
 * Packs the packages that are published into `destination`, exactly as they would be, and resolves with a map from each name
 * to its tarball's path. They have to be built.
 */
export async function packAll(destination) {
  for (const { name, folder } of packages) {
    const missing = ['dist/esm/index.js', 'dist/cjs/index.js', 'dist/cjs/package.json'].find(
      (built) => !existsSync(join(folder, built)),
    );
    if (missing !== undefined)
      throw new Error(`${name} is not built (no ${missing}): run "pnpm build" first.`);
  }
  const filters = packages.flatMap(({ name }) => ['--filter', name]);
  const { status, output } = await pnpm([
    '--recursive',
    ...filters,
    'pack',
    '--pack-destination',
    destination,
  ]);
  const tarballs = new Map(
    packages.map(({ name, manifest }) => {
      const file = `${name.replace('@', '').replace('/', '-')}-${manifest.version}.tgz`;
      return [name, join(destination, file)];
    }),
  );
  const missing = packages.filter(({ name }) => !existsSync(tarballs.get(name))).map(({ name }) => name);
  if (status !== 0 || missing.length > 0)
    throw new Error(`The packages could not be packed (${missing.join(', ')}):\n${output}`);
  return tarballs;
}

/** Runs functions two at a time, and resolves when all have resolved. */
export async function inPairs(jobs) {
  const waiting = [...jobs];
  const work = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all([work(), work()]);
}
