import type { Node, ObjectMethod, ObjectProperty } from '@babel/types';
import { type Draft, span } from './draft.js';
import { byHand, note } from './finding.js';
import { RULES } from './option-rules.js';
import type { OptionsObject } from './options-object.js';
import type { Modules, ReadModule } from './read-module.js';
import { keyOf, untyped } from './syntax/place.js';
import { writtenValue } from './written-value.js';

type Property = ObjectProperty | ObjectMethod;

/**
 * Takes out the options that have no effect, and says which of the others need a person.
 *
 * @param modules where values are looked up that stand in other files
 */
export function applyRules(
  draft: Draft,
  { node, own }: OptionsObject,
  module: ReadModule,
  modules: Modules,
): void {
  const written = (property: Property): Node => writtenValue(assigned(property), module, modules);
  const properties = node.properties.filter((one): one is Property => one.type !== 'SpreadElement');
  const values = new Map<string, Node>();
  for (const property of properties) {
    const name = keyOf(property.key, property.computed);
    if (name !== undefined) values.set(name, written(property));
  }
  if (own && !values.has('clientID')) {
    draft.findings.push(
      byHand(
        node,
        'client-id-missing',
        'There is no clientID, which the strategy needs.',
        "Add the application (client) ID of this API's registration.",
      ),
    );
  }
  for (const property of properties) {
    const name = keyOf(property.key, property.computed) ?? '';
    const verdict = Object.hasOwn(RULES, name) ? RULES[name]?.(written(property), values) : undefined;
    switch (verdict?.kind) {
      case 'remove':
        if (own) removeProperty(draft, property, node.properties);
        else draft.findings.push(byHand(property, 'option-not-supported', verdict.why, 'Remove it.'));
        break;
      case 'by-hand':
        draft.findings.push(byHand(property, verdict.code, verdict.message, verdict.hint));
        break;
      case 'note':
        draft.findings.push(note(property, verdict.code, verdict.message, verdict.hint));
    }
  }
}

function assigned(property: Property): Node {
  return property.type === 'ObjectProperty'
    ? untyped({ node: property.value, parent: undefined, field: 'value' }).node
    : property;
}

/** Removes a property: with its whole line and the comment behind it, or with the comma next to it. */
function removeProperty({ edits, text }: Draft, property: Node, all: readonly Node[]): void {
  const { start, end } = span(property);
  const index = all.indexOf(property);
  const [previous, next] = [all[index - 1], all[index + 1]];
  const comma = /^\s*,/.exec(text.slice(end))?.[0].length ?? 0;
  const lineStart = text.lastIndexOf('\n', start - 1) + 1;
  const startsLine = text.slice(lineStart, start).trim() === '';
  const rest = /^[ \t]*(\/\/[^\n]*)?\r?\n/.exec(text.slice(end + comma));
  if (startsLine && rest !== null) {
    edits.remove(lineStart, end + comma + rest[0].length);
    // The comma before it would be left over.
    if (next === undefined && comma === 0 && previous !== undefined) {
      const before = span(previous).end;
      edits.remove(before, before + (/^\s*,/.exec(text.slice(before))?.[0].length ?? 0));
    }
  } else if (previous !== undefined && !startsLine) edits.remove(span(previous).end, end);
  else edits.remove(start, next === undefined ? end + comma : span(next).start);
}
