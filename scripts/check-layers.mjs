// Checks that the folders of the core are a line: a file imports only from its own layer's folder and from layers before it,
// and no two folders, at any depth, import each other. CONTRIBUTING.md shows the line.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';

/** From the bottom up. Folders of one layer do not import each other. */
const LAYERS = [
  ['base'],
  ['caller'],
  ['options'],
  ['revocation', 'approvals'],
  ['credential', 'sealing'],
  ['keys'],
  ['token'],
  ['assertion'],
  ['requirements'],
  ['permissions', 'openapi', 'explain', 'budgets'],
  ['answer', 'audit'],
  ['guard'],
  ['testing'],
];

const root = process.argv[2] ?? 'packages/core/src';
const layerOf = new Map(LAYERS.flatMap((folders, layer) => folders.map((folder) => [folder, layer])));
const problems = [];
/** What each folder imports from: folder -> folder -> one file that does so. */
const arrows = new Map();

for (const name of readdirSync(root, { recursive: true })) {
  if (!name.endsWith('.ts')) continue;
  const file = name.split(sep).join('/');
  for (const [, target] of readFileSync(join(root, name), 'utf8').matchAll(
    /\b(?:from|import)\s*\(?'(\.[^']+)'/g,
  )) {
    check(file, posix.join(posix.dirname(file), target));
  }
}

for (const [from, targets] of arrows) {
  for (const [to, file] of targets) {
    const back = arrows.get(to)?.get(from);
    if (back !== undefined && from < to)
      problems.push(`${from} and ${to} import each other: ${file}, ${back}`);
  }
}

function check(file, target) {
  const [from, to] = [dirname(file), posix.dirname(target)];
  if (from === to) return;
  if (!arrows.has(from)) arrows.set(from, new Map());
  arrows.get(from).set(to, file);
  const [ours, theirs] = [from.split('/')[0], to.split('/')[0]];
  // Files of the root are entry points: they import anything, and nothing imports them.
  if (ours === '.' || ours === theirs) return;
  for (const folder of [ours, theirs]) {
    if (!layerOf.has(folder))
      problems.push(`${file}: ${folder} has no layer. Name it in scripts/check-layers.mjs.`);
  }
  if (layerOf.get(theirs) >= layerOf.get(ours)) problems.push(`${file} imports up: ${target}`);
}

const line = LAYERS.map((folders) => folders.join(', ')).join(' -> ');
if (problems.length > 0) {
  console.error(`${problems.join('\n')}\n\nThe line: ${line}`);
  process.exit(1);
}
console.log(`Layers hold: ${line}`);
