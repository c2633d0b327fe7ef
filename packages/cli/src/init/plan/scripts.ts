import type { Manifest } from '../recognise/manifest.js';
import type { FileChange } from './init-plan.js';

/** What `npm init` writes where there are no tests. */
const NO_TEST = /no test specified/;

/**
 * Adds scripts to a package.json. One that is there stays as it is.
 *
 * @returns `undefined` where all are there; the lines to add by hand where the file is not formatted as package managers do
 */
export function addScripts(
  { text, value, scripts }: Manifest,
  wanted: Readonly<Record<string, string>>,
): FileChange | string | undefined {
  const missing = Object.entries(wanted).filter(
    ([name]) => scripts[name] === undefined || NO_TEST.test(scripts[name]),
  );
  if (missing.length === 0) return undefined;
  const indent = /^([ \t]+)"/m.exec(text)?.[1] ?? '';
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const end = /\s*$/.exec(text)?.[0] ?? '';
  const written = (document: object): string =>
    JSON.stringify(document, undefined, indent).replaceAll('\n', newline) + end;
  if (written(value) !== text) {
    return `package.json is formatted in a way of its own. Add these scripts: ${missing.map(([name, script]) => `"${name}": "${script}"`).join(', ')}.`;
  }
  const after = written({ ...value, scripts: { ...scripts, ...Object.fromEntries(missing) } });
  return { path: 'package.json', before: text, after };
}
