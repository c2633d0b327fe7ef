import MagicString from 'magic-string';
import { applyRules } from './apply-rules.js';
import type { Draft } from './draft.js';
import type { FindingAt } from './finding.js';
import { moveImports } from './module-uses.js';
import { isConcerned } from './modules.js';
import { findOptions } from './options-object.js';
import { Modules, moduleOf } from './read-module.js';
import { findConstructions } from './strategies.js';
import { parseSource } from './syntax/parse-source.js';
import { placesIn } from './syntax/place.js';

/** A file after the move. */
export interface Moved {
  readonly text: string;
  readonly findings: readonly FindingAt[];
}

/**
 * Moves one file of JavaScript or TypeScript to the new package. What is not understood stays as it is. Options are looked
 * at in files that were moved before, too.
 *
 * @param path by whose end the language is known
 * @param whole where the file is, so that modules next to it are found
 * @throws BadInputError where the text is neither
 */
export function moveSource(path: string, text: string, whole = path, modules = new Modules()): Moved {
  if (!isConcerned(text)) return { text, findings: [] };
  const { program } = parseSource(path, text);
  const places = [...placesIn(program)];
  const module = moduleOf(whole, program, places);
  const draft: Draft = { text, edits: new MagicString(text), places, names: module.names, findings: [] };
  const constructions = findConstructions(draft, moveImports(draft));
  for (const options of findOptions(draft, constructions)) applyRules(draft, options, module, modules);
  const findings = draft.findings.toSorted((a, b) => a.line - b.line);
  return { text: draft.edits.toString(), findings };
}
