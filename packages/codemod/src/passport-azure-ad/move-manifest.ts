import { parseExpression } from '@babel/parser';
import type { Node, ObjectExpression, ObjectProperty } from '@babel/types';
import MagicString from 'magic-string';
import { BadInputError } from '../bad-input.js';
import { span } from './draft.js';
import { byHand, type FindingAt, note } from './finding.js';
import { NEW_MODULE, OLD_MODULE } from './modules.js';
import type { Moved } from './move-source.js';
import { keyOf, placesIn, textOf } from './syntax/place.js';

const OLD_TYPES = `@types/${OLD_MODULE}`;
const SECTIONS = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies'];

/**
 * Moves the dependencies of a package.json.
 *
 * @param user a file that still loads the old package, if there is one: then both packages stay
 * @param version of the new one
 * @throws BadInputError if the text is not a JSON object
 */
export function moveManifest(shown: string, text: string, user: string | undefined, version: string): Moved {
  const manifest = parseManifest(shown, text);
  const edits = new MagicString(text);
  const findings: FindingAt[] = [];
  let named = false;
  const sections = SECTIONS.map((name) => sectionOf(manifest, name)).filter((one) => one !== undefined);
  for (const section of sections) {
    const old = entryOf(section, OLD_MODULE);
    const types = entryOf(section, OLD_TYPES);
    const has = entryOf(section, NEW_MODULE) !== undefined;
    const gone = user === undefined ? [old, types].filter((one) => one !== undefined) : [];
    if (old !== undefined && user !== undefined) findings.push(kept(old, user));
    named ||= old !== undefined;
    const added = old === undefined || has ? undefined : `${JSON.stringify(NEW_MODULE)}: "^${version}"`;
    rewrite(edits, text, section, gone, added);
  }
  if (!named) {
    findings.push(
      byHand(
        manifest,
        'manifest',
        `${OLD_MODULE} is not among the dependencies here, and files of this package load it.`,
        `Find out where it comes from, and install ${NEW_MODULE} there.`,
      ),
    );
  }
  findings.push(...passportFindings(manifest, sections), ...otherMentions(manifest));
  return { text: edits.toString(), findings };
}

function kept(old: Node, user: string): FindingAt {
  return note(
    old,
    'manifest',
    `${OLD_MODULE} stays in addition to ${NEW_MODULE}: ${user} still loads it.`,
    'Run this command again when no file loads it, or remove it by hand.',
  );
}

function parseManifest(shown: string, text: string): ObjectExpression {
  try {
    JSON.parse(text.replace(/^\uFEFF/, ''));
    // JSON is an expression of JavaScript, and its parser says where everything stands.
    const manifest = parseExpression(text);
    if (manifest.type === 'ObjectExpression') return manifest;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new BadInputError(
    `${shown} is not a JSON object.`,
    'Fix the JSON first: its dependencies have to change.',
  );
}

function sectionOf(manifest: ObjectExpression, name: string): ObjectExpression | undefined {
  const value = entryOf(manifest, name)?.value;
  return value?.type === 'ObjectExpression' ? value : undefined;
}

function entryOf({ properties }: ObjectExpression, name: string): ObjectProperty | undefined {
  return properties.find(
    (one): one is ObjectProperty => one.type === 'ObjectProperty' && keyOf(one.key, false) === name,
  );
}

/** Takes entries out of an object, and puts one in at its place in the order of the alphabet. */
function rewrite(
  edits: MagicString,
  text: string,
  section: ObjectExpression,
  gone: readonly Node[],
  added: string | undefined,
): void {
  if (gone.length === 0 && added === undefined) return;
  const { properties } = section;
  const [first] = properties;
  if (first === undefined) return;
  const kept = properties.filter((one) => !gone.includes(one));
  const written = kept.map((one) => text.slice(span(one).start, span(one).end));
  if (added !== undefined) {
    const place = written.findIndex((one) => one > added);
    written.splice(place === -1 ? written.length : place, 0, added);
  }
  // What stands between two entries, line end and indentation, stands between all of them.
  const opening = text.slice(span(section).start + 1, span(first).start);
  const last = span(properties.at(-1) as Node).end;
  if (written.length === 0) edits.overwrite(span(section).start + 1, span(section).end - 1, '');
  else edits.overwrite(span(first).start, last, written.join(`,${opening}`));
}

function passportFindings(manifest: Node, sections: readonly ObjectExpression[]): FindingAt[] {
  const passport = sections.map((section) => entryOf(section, 'passport')).find((one) => one !== undefined);
  if (passport === undefined) {
    return [
      byHand(
        manifest,
        'passport-missing',
        `passport is not among the dependencies, and ${NEW_MODULE} needs one; the old package had its own.`,
        'Install passport 0.7, unless the application takes none.',
      ),
    ];
  }
  const range = textOf(passport.value) ?? '';
  const [, minor] = /^[~^]?0\.(\d+)/.exec(range) ?? [];
  return minor !== undefined && Number(minor) < 6
    ? [
        byHand(
          passport,
          'passport-version',
          `passport ${range} is older than ${NEW_MODULE} works with, and has known vulnerabilities.`,
          'Raise it to ^0.7.0. Where sessions are used: req.logout takes a callback since 0.6.',
        ),
      ]
    : [];
}

/** Overrides, settings of test runners and the like. */
function otherMentions(manifest: ObjectExpression): FindingAt[] {
  const known = SECTIONS.map((name) => entryOf(manifest, name) as Node | undefined);
  return manifest.properties
    .filter((section) => !known.includes(section))
    .flatMap((section) => [...placesIn(section)])
    .filter(({ node }) => textOf(node)?.includes(OLD_MODULE) === true)
    .map(({ node }) =>
      byHand(
        node,
        'module-named-elsewhere',
        `${OLD_MODULE} is named here.`,
        'Remove it, or name the new package.',
      ),
    );
}
