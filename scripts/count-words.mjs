// Counts the words that the style sheet in CONTRIBUTING.md replaces: in the given files and folders, or in packages, docs
// and README.md. Prints each hit with what to say instead. Ends with 1 if 15 or more are left.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './workspace.mjs';

const limit = 15;

/** Patterns, and what to say instead. A space stands for any gap between two words, also across lines of a comment. */
const words = [
  [
    String.raw`(?<!\bthere(?:'s)? (?:\w+ )?)\b(?:is|are|was|were) no (?!longer|more\b|less\b|fewer|better|worse|different|later|earlier|older|newer|good\b|doubt)`,
    '"is not a …", "has no …", "there is no …"',
  ],
  [
    String.raw`\b(?:nobody|no one(?!-)|somebody|someone|whoever)\b`,
    'who it is: "no caller", "the operator", "an attacker"',
  ],
  [String.raw`\bat hand\b`, '"available", "loaded", "cached", "current"'],
  [String.raw`\bmend(?:s|ed|ing)?\b`, '"fix"'],
  [String.raw`\bbe had\b`, '"unavailable"'],
  [String.raw`\b(?:can't|cannot|can not) be right\b`, '"invalid"'],
  [String.raw`\b(?:comes?|came|coming) to the same\b`, '"is equivalent", "has the same effect"'],
  [
    String.raw`\bby (?:itself|themselves|himself|herself)\b`,
    '"alone", "automatically", "without …"; "an app without a user"',
  ],
  [String.raw`(?<![-\w])beside(?![-\w])`, '"with", "next to", "in addition to", "besides"'],
  [
    String.raw`\bof (?:[\w-]+ ){0,2}[\w-]+['’]s? own\b(?! (?:APIs|example|issuers|listeners|permissions|pool|words)\b)`,
    'the owner first: "the application\'s …"',
  ],
  [
    String.raw`(?<!\b(?:an?|any|no|one|each|has|have|had|with|without|in|on|over) (?:[\w\`-]+ ){0,3})\bof (?:its|their|your|our|his|her) own\b(?! (?:making|accord))`,
    '"its own …", "a separate …"',
  ],
  [String.raw`\bgo(?:es)? without saying\b`, 'the thing itself: "the default port"'],
  [String.raw`\bto death\b`, '"is flooded"'],
  [String.raw`\bdesign invariants?\b|\bfacts \d|\bthe design(?:'s)?\b`, '"SECURITY.md N", or a page of docs'],
  [
    String.raw`(?:\/\*\*|^\s*\/\/)\s*(?:\*\s+)?the same(?:[,;.:]| (?:as|for|the|with|other)\b)`,
    'a comment that stands alone: "Like `name`, but …"',
  ],
].map(([pattern, instead]) => ({ pattern: regularExpression(pattern), instead }));

/** Two words are also parted by the start of a comment's next line, or by two strings that are added. */
function regularExpression(pattern) {
  const gap = String.raw`(?:\s+(?:(?:\*|\/\/|>)\s+)?|\s*['"\x60]\s*\+\s*['"\x60])`;
  return new RegExp(pattern.replaceAll(' ', gap), 'gim');
}

const paths = process.argv.length > 2 ? process.argv.slice(2) : ['packages', 'docs', 'README.md'];
const listed = spawnSync(
  'git',
  ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...paths],
  {
    cwd: root,
    encoding: 'utf8',
  },
);
if (listed.status !== 0) throw new Error(`git ls-files failed: ${listed.stderr}`);
const files = listed.stdout
  .split('\0')
  .filter((file) => /\.(?:[cm]?[jt]sx?|md)$/.test(file) && !/(?:^|\/)(?:etc|dist)\//.test(file))
  .filter((file) => existsSync(join(root, file)));
if (files.length === 0) throw new Error(`There are no sources or pages in ${paths.join(' ')}.`);

let hits = 0;
for (const file of files) {
  const text = readFileSync(join(root, file), 'utf8');
  const found = words.flatMap(({ pattern, instead }) =>
    [...text.matchAll(pattern)].map(({ 0: match, index }) => ({ match, index, instead })),
  );
  for (const { match, index, instead } of found.sort((one, other) => one.index - other.index)) {
    const line = text.slice(0, index + match.length).split('\n').length;
    console.log(`${file}:${line}: "${match.trim().replace(/\s+/g, ' ')}" — say ${instead}`);
  }
  hits += found.length;
}
console.log(`${hits} in ${files.length} files; fewer than ${limit} may be left.`);
process.exitCode = hits < limit ? 0 : 1;
