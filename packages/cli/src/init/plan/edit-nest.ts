import type { ObjectExpression } from '@babel/types';
import MagicString from 'magic-string';
import type { ModuleStyle } from '../recognise/module-style.js';
import { addImport, writingOf } from '../syntax/add-import.js';
import { span } from '../syntax/read-code.js';
import type { NestModule } from './nest-module.js';

/**
 * Puts the guard into the `imports` of the root module.
 *
 * @returns `undefined` where `imports` is not a list that is written out
 */
export function editNestModule(
  { file, program, options }: NestModule,
  style: ModuleStyle,
): string | undefined {
  const { text } = file;
  const edits = new MagicString(text);
  const { newline } = writingOf(text);
  if (!addToImports(edits, text, options, newline)) return undefined;
  addImport(edits, program, style.syntax, 'entraGuard', `./entra-guard${style.importEnd}`, writingOf(text));
  return edits.toString();
}

function addToImports(edits: MagicString, text: string, options: ObjectExpression, newline: string): boolean {
  const found = options.properties.find(
    (one) => 'key' in one && one.key.type === 'Identifier' && one.key.name === 'imports',
  );
  if (found === undefined) {
    const [first] = options.properties;
    // What is spread, or made by a function, may hold imports.
    if (options.properties.some(({ type }) => type === 'SpreadElement')) return false;
    const opening =
      first === undefined ? `${newline}  ` : text.slice(span(options).start + 1, span(first).start);
    const closing = first === undefined ? `,${newline}` : ',';
    edits.appendRight(span(options).start + 1, `${opening}imports: [entraGuard]${closing}`);
    return true;
  }
  if (found.type !== 'ObjectProperty' || found.value.type !== 'ArrayExpression') return false;
  const list = found.value;
  const [first] = list.elements;
  const opening = first ? text.slice(span(list).start + 1, span(first).start) : '';
  // A comment in front of the first one belongs to that one.
  if (opening.trim() !== '') return false;
  const separator = first ? `,${opening === '' ? ' ' : ''}` : '';
  edits.appendRight(span(list).start + 1, `${opening}entraGuard${separator}`);
  return true;
}
