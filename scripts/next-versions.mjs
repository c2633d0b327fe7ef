// What `changeset version` would make of the versions, found out in a copy that holds package.json files and changesets only.
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packages, readJson, root, run } from './workspace.mjs';

/**
 * Copies what decides versions into a temporary folder: manifests, changesets, and where the repository is in a series of
 * candidates. With `start`, a function from a package's name to its version, the copy begins there, and no change waits.
 * `add({ '@entra-guard/core': 'patch' })` writes a changeset, `changeset('version')` runs the command, `versions()` reads the
 * versions, and `remove()` deletes the folder.
 */
export function copyOfVersions({ start } = {}) {
  const copy = mkdtempSync(join(tmpdir(), 'entra-guard-versions-'));
  const write = (path, value) => {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), typeof value === 'string' ? value : JSON.stringify(value, undefined, 2));
  };
  const manifestPath = (name) => join('packages', name.split('/').at(-1), 'package.json');

  write('package.json', { name: 'entra-guard', private: true, version: '0.0.0' });
  write('pnpm-workspace.yaml', 'packages:\n  - packages/*\n');
  write('pnpm-lock.yaml', '');
  for (const { name, manifest } of packages)
    write(manifestPath(name), { ...manifest, version: start?.(name) ?? manifest.version });
  if (start === undefined) cpSync(join(root, '.changeset'), join(copy, '.changeset'), { recursive: true });
  // Change logs name commits, and the copy has none.
  write('.changeset/config.json', { ...readJson(join(root, '.changeset/config.json')), changelog: false });

  let added = 0;
  return {
    add(bumps) {
      const lines = Object.entries(bumps).map(([name, bump]) => `${JSON.stringify(name)}: ${bump}\n`);
      write(`.changeset/rehearsal-${++added}.md`, `---\n${lines.join('')}---\n\nA change.\n`);
    },
    async changeset(...args) {
      const bin = join(root, 'node_modules/@changesets/cli/bin.js');
      const { status, output } = await run(process.execPath, [bin, ...args], { cwd: copy });
      if (status !== 0) throw new Error(`"changeset ${args.join(' ')}" failed:\n${output}`);
    },
    versions: () =>
      Object.fromEntries(
        packages.map(({ name }) => [name, readJson(join(copy, manifestPath(name))).version]),
      ),
    remove: () => rmSync(copy, { recursive: true, force: true }),
  };
}

/** The versions that `changeset version` would give: `{ '@entra-guard/core': '1.0.0-rc.0' }`. */
export async function nextVersions() {
  const copy = copyOfVersions();
  try {
    await copy.changeset('version');
    return copy.versions();
  } finally {
    copy.remove();
  }
}
