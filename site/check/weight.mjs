// What a page weighs when it is opened first, compressed as servers do: itself, and the scripts and style sheets that it names.
// Search is loaded when a reader opens it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { built } from '../steps/folders.mjs';
import { filesOf, textOf } from './files.mjs';

/** Bytes. */
const MOST = 200_000;

const weights = new Map();
function weightOf(name) {
  if (!weights.has(name)) weights.set(name, gzipSync(readFileSync(join(built, name))).length);
  return weights.get(name);
}

/** Every page with its weight in bytes, the heaviest first. */
export function pageWeights() {
  return filesOf('.html')
    .map((name) => {
      const parts = [
        ...textOf(name).matchAll(/<(?:link|script)\b[^>]*?\s(?:href|src)="([^"]*\.(?:js|css))"/g),
      ];
      const files = new Set(
        parts.map(([, path]) => path.replace(/^.*?(?=assets\/)/, '').replace(/^[./]+/, '')),
      );
      return { name, bytes: [name, ...files].reduce((sum, file) => sum + weightOf(file), 0) };
    })
    .sort((a, b) => b.bytes - a.bytes);
}

/** @returns one line for each page that is too heavy */
export function tooHeavy() {
  return pageWeights()
    .filter(({ bytes }) => bytes > MOST)
    .map(({ name, bytes }) => `${name}: ${(bytes / 1000).toFixed(0)} kB compressed, at most ${MOST / 1000}`);
}
