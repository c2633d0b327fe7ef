import { type ParserPlugin, parse } from '@babel/parser';
import type { Node, Program } from '@babel/types';
import type { SourceFile } from '../recognise/source-file.js';

/** The syntax tree of a file; `undefined` for one that is not code. */
export function readCode({ path, text }: SourceFile): Program | undefined {
  try {
    return parse(text, {
      sourceType: 'unambiguous',
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      plugins: PLUGINS[path.endsWith('ts') ? 'ts' : 'js'],
    }).program;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

const PLUGINS: Readonly<Record<'ts' | 'js', ParserPlugin[]>> = {
  ts: ['typescript', 'decorators-legacy'],
  js: ['jsx', 'decorators-legacy'],
};

/** Every node below and including this one, in the order of the text. */
export function* nodesIn(node: Node): Generator<Node> {
  yield node;
  for (const [name, value] of Object.entries(node)) {
    if (name === 'loc' || name === 'extra' || name.endsWith('Comments')) continue;
    for (const child of Array.isArray(value) ? value : [value]) if (isNode(child)) yield* nodesIn(child);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value && 'start' in value;
}

/** Whether something below a node is called by a name, as a variable and not as a property. */
export function mentions(node: Node, name: string): boolean {
  for (const one of nodesIn(node)) if (one.type === 'Identifier' && one.name === name) return true;
  return false;
}

/** Where a node begins and ends in the text. */
export function span({ start, end }: Node): { readonly start: number; readonly end: number } {
  return { start: start ?? 0, end: end ?? 0 };
}
