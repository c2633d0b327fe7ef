import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseExpression } from '@babel/parser';
import type { Node } from '@babel/types';
import { BadInputError } from '../bad-input.js';
import { Names } from './syntax/names.js';
import { parseSource } from './syntax/parse-source.js';
import { keyOf, type Place, placesIn } from './syntax/place.js';

/** A module that was read for what it declares. */
export interface ReadModule {
  readonly path: string;
  readonly program: Node;
  readonly names: Names;
  /** What it exports, by name; `module.exports` for what CommonJS exports as a whole. */
  readonly exported: ReadonlyMap<string, Node>;
  /** Whether something is assigned to a name, or to a member of it. */
  readonly isChanged: (name: string) => boolean;
}

/** Reads modules that are imported by those that are moved: configuration is often in another file. */
export class Modules {
  readonly #read = new Map<string, ReadModule | undefined>();

  /** The module that a relative path means; `undefined` where there is none that can be read. */
  from({ path }: ReadModule, specifier: string): ReadModule | undefined {
    if (!/^\.{1,2}\//.test(specifier)) return undefined;
    const whole = resolve(dirname(path), specifier);
    for (const candidate of candidatesFor(whole)) {
      if (!this.#read.has(candidate)) this.#read.set(candidate, readModule(candidate));
      const found = this.#read.get(candidate);
      if (found !== undefined) return found;
    }
    return undefined;
  }
}

/** TypeScript names what a file is compiled to; CommonJS may leave the end out. */
function candidatesFor(path: string): readonly string[] {
  const bare = path.replace(/\.([cm]?)js$/, '.$1ts');
  const ends = ['.ts', '.js', '.json', '.mts', '.mjs', '.cts', '.cjs', '/index.ts', '/index.js'];
  return [...(bare === path ? [] : [bare]), path, ...ends.map((end) => path + end)];
}

const LONGEST = 1024 * 1024;

function readModule(path: string): ReadModule | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
  if (text.length > LONGEST) return undefined;
  try {
    if (!path.endsWith('.json')) return moduleOf(path, parseSource(path, text).program);
    const value = parseExpression(text.replace(/^\uFEFF/, ''));
    const exported = new Map<string, Node>([
      ['default', value],
      ['module.exports', value],
    ]);
    const { program } = parseSource('nothing.js', '');
    return { path, program, names: new Names([]), exported, isChanged: () => false };
  } catch (error) {
    // What can't be read says nothing.
    if (error instanceof BadInputError || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** A parsed module, and what is declared in it. */
export function moduleOf(path: string, program: Node, places = [...placesIn(program)]): ReadModule {
  const names = new Names(places);
  return {
    path,
    program,
    names,
    exported: exportsIn(program, places),
    isChanged: (name) => names.usesOf(name).some(isAssigned),
  };
}

function isAssigned({ node, parent, field }: Place): boolean {
  const above = parent?.node;
  switch (above?.type) {
    case 'MemberExpression':
      return field === 'object' && isAssigned(parent as Place);
    case 'AssignmentExpression':
      return field === 'left';
    case 'UpdateExpression':
      return true;
    case 'CallExpression': {
      const { callee } = above;
      const isObject = callee.type === 'MemberExpression' && callee.object.type === 'Identifier';
      // Object.assign(config, …)
      return above.arguments[0] === node && isObject && (callee.object as { name: string }).name === 'Object';
    }
    default:
      return false;
  }
}

function exportsIn(program: Node, places: readonly Place[]): ReadonlyMap<string, Node> {
  const exported = new Map<string, Node>();
  for (const { node, parent } of places) {
    if (node.type === 'ExportDefaultDeclaration') exported.set('default', node.declaration);
    else if (node.type === 'TSExportAssignment') exported.set('module.exports', node.expression);
    else if (node.type === 'ExportSpecifier' && parent?.node.type === 'ExportNamedDeclaration') {
      const name = keyOf(node.exported, false);
      if (name !== undefined && !parent.node.source) exported.set(name, node.local);
    } else if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier') {
      const { id } = node;
      if (parent?.parent?.node.type === 'ExportNamedDeclaration') exported.set(id.name, id);
    } else if (node.type === 'AssignmentExpression' && node.left.type === 'MemberExpression') {
      const { object, property, computed } = node.left;
      const name = keyOf(property, computed);
      if (object.type !== 'Identifier' || name === undefined) continue;
      if (object.name === 'module' && name === 'exports') exported.set('module.exports', node.right);
      else if (object.name === 'exports') exported.set(name, node.right);
    }
  }
  // What CommonJS exports as a whole is the default of an import, and its members are named ones.
  const whole = exported.get('module.exports');
  if (whole !== undefined && program.type === 'Program') {
    if (!exported.has('default')) exported.set('default', whole);
    if (whole.type === 'ObjectExpression') {
      for (const one of whole.properties) {
        const name = one.type === 'ObjectProperty' ? keyOf(one.key, one.computed) : undefined;
        if (one.type === 'ObjectProperty' && name !== undefined && !exported.has(name))
          exported.set(name, one.value);
      }
    }
  }
  return exported;
}
