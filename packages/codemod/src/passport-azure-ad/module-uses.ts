import type { ImportDeclaration, ImportSpecifier, Node, ObjectPattern } from '@babel/types';
import { type Draft, quoteOf, span } from './draft.js';
import { byHand, type FindingAt } from './finding.js';
import { isSameName, NEW_MODULE, OLD_MODULE } from './modules.js';
import { keyOf, type Place, textOf, untyped } from './syntax/place.js';

/** Under which names a file has the strategy, once its imports are changed. */
export interface StrategyNames {
  /** Of the strategy itself. */
  readonly direct: ReadonlySet<string>;
  /** Of the whole module: the strategy is a property of it. */
  readonly whole: ReadonlySet<string>;
}

/** Changes every import of the old module that is understood, and says of the others why not. */
export function moveImports(draft: Draft): StrategyNames {
  const names = { direct: new Set<string>(), whole: new Set<string>() };
  for (const place of draft.places) {
    const text = textOf(place.node);
    if (text === OLD_MODULE) moveUse(draft, place, names);
    // Moved before: nothing is to be changed, but its options may still be wrong.
    else if (text === NEW_MODULE)
      moveUse({ ...draft, edits: draft.edits.clone(), findings: [] }, place, names);
    else if (text?.startsWith(`${OLD_MODULE}/`)) draft.findings.push(deepImport(place.node, text));
  }
  return names;
}

type Found = { direct: Set<string>; whole: Set<string> };

function moveUse(draft: Draft, literal: Place, found: Found): void {
  const { parent, field } = literal;
  const above = parent?.node;
  switch (above?.type) {
    case 'ImportDeclaration':
      moveImport(draft, above, literal.node, found);
      return;
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      draft.findings.push(
        byHand(
          above,
          're-export',
          'The module is re-exported, and its users cannot be seen from here.',
          `See that they use nothing but the bearer strategy, and export it from '${NEW_MODULE}'.`,
        ),
      );
      return;
    case 'TSExternalModuleReference':
      if (parent?.parent?.node.type === 'TSImportEqualsDeclaration' && !parent.parent.node.isExport) {
        moveWhole(draft, parent.parent.node.id, literal.node, found);
        return;
      }
      break;
    case 'TSImportType': {
      const { qualifier } = above;
      if (qualifier?.type === 'Identifier' && isSameName(qualifier.name)) {
        rename(draft, literal.node);
        return;
      }
      break;
    }
    case 'CallExpression':
      if (field === 'arguments' && above.arguments.length === 1) {
        if (above.callee.type === 'Identifier' && above.callee.name === 'require') {
          moveValue(draft, parent as Place, literal.node, found);
          return;
        }
        if (above.callee.type === 'Import' && parent?.parent?.node.type === 'AwaitExpression') {
          moveValue(draft, parent.parent, literal.node, found);
          return;
        }
      }
      if (isMock(above.callee)) {
        draft.findings.push(
          byHand(
            above,
            'mocked-module',
            'The module is replaced in a test.',
            'Better than a replacement: real tokens from startEntra of @entra-guard/testing. Else name the new module.',
          ),
        );
        return;
      }
  }
  draft.findings.push(
    byHand(
      literal.node,
      'module-named-elsewhere',
      `'${OLD_MODULE}' is named here in a way that this command does not know.`,
      `If it is for loading the bearer strategy, write '${NEW_MODULE}'.`,
    ),
  );
}

function moveImport(draft: Draft, declaration: ImportDeclaration, source: Node, found: Found): void {
  const { specifiers } = declaration;
  const [first] = specifiers;
  if (first === undefined) {
    draft.findings.push(formUnknown(declaration));
    return;
  }
  if (specifiers.every((one) => one.type === 'ImportSpecifier')) {
    moveNamed(draft, declaration, specifiers, source, found);
  } else if (specifiers.length === 1) {
    // The new module has no default export: what was one is the module as a whole.
    const moved = moveWhole(draft, first.local, source, found);
    if (moved && first.type === 'ImportDefaultSpecifier') {
      const { start, end } = span(first);
      draft.edits.overwrite(start, end, `* as ${first.local.name}`);
    }
  } else {
    draft.findings.push(formUnknown(declaration));
  }
}

function moveNamed(
  draft: Draft,
  declaration: ImportDeclaration,
  specifiers: readonly ImportSpecifier[],
  source: Node,
  found: Found,
): void {
  const isMoved = ({ imported }: ImportSpecifier): boolean => isSameName(keyOf(imported, false) ?? '');
  const moved = specifiers.filter(isMoved);
  const stay = specifiers.filter((one) => !isMoved(one));
  if (moved.length > 0 && stay.length > 0) {
    const keyword = declaration.importKind === 'type' ? 'import type' : 'import';
    const written = split(draft, declaration, specifiers, stay, moved);
    if (written === undefined) {
      draft.findings.push(formUnknown(declaration));
      return;
    }
    const quote = quoteOf(draft, source);
    insertLine(draft, declaration, `${keyword} { ${written} } from ${quote}${NEW_MODULE}${quote}`);
  } else if (moved.length > 0) {
    rename(draft, source);
  }
  for (const { imported, local } of moved) {
    if (keyOf(imported, false) === 'BearerStrategy') found.direct.add(local.name);
  }
  for (const one of stay) draft.findings.push(notReplaced(one, keyOf(one.imported, false)));
}

/** `require('…')` or `await import('…')`, by what is done with it. */
function moveValue(draft: Draft, value: Place, source: Node, found: Found): void {
  const { parent, field } = value;
  const above = parent?.node;
  if (above?.type === 'VariableDeclarator' && field === 'init') {
    if (above.id.type === 'Identifier') {
      moveWhole(draft, above.id, source, found);
      return;
    }
    if (above.id.type === 'ObjectPattern') {
      moveDestructured(draft, parent as Place, above.id, source, found);
      return;
    }
  }
  if (above?.type === 'MemberExpression' && field === 'object') {
    const name = keyOf(above.property, above.computed);
    if (name !== undefined && isSameName(name)) {
      rename(draft, source);
      const target = parent?.parent?.node;
      if (
        target?.type === 'VariableDeclarator' &&
        target.id.type === 'Identifier' &&
        name === 'BearerStrategy'
      ) {
        found.direct.add(target.id.name);
      }
      return;
    }
    draft.findings.push(notReplaced(above, name));
    return;
  }
  draft.findings.push(usedAsWhole(value.node));
}

function moveDestructured(
  draft: Draft,
  declarator: Place,
  pattern: ObjectPattern,
  source: Node,
  found: Found,
): void {
  const read = pattern.properties.map((property) => ({ property, ...destructured(property) }));
  if (read.some(({ local }) => local === undefined)) {
    draft.findings.push(formUnknown(pattern));
    return;
  }
  const moved = read.filter(({ name }) => isSameName(name ?? ''));
  const stay = read.filter(({ name }) => !isSameName(name ?? ''));
  if (moved.length > 0 && stay.length > 0) {
    const declaration = declarator.parent?.node;
    const properties = ({ property }: (typeof read)[number]): Node => property;
    const written =
      declaration?.type === 'VariableDeclaration' && declaration.declarations.length === 1
        ? split(draft, pattern, read.map(properties), stay.map(properties), moved.map(properties))
        : undefined;
    if (written === undefined || declaration?.type !== 'VariableDeclaration') {
      draft.findings.push(formUnknown(pattern));
      return;
    }
    const { init } = declarator.node as { readonly init?: Node };
    const { start, end } = span(init as Node);
    const literal = span(source);
    const quote = quoteOf(draft, source);
    const load = `${draft.text.slice(start, literal.start)}${quote}${NEW_MODULE}${quote}${draft.text.slice(literal.end, end)}`;
    insertLine(draft, declaration, `${declaration.kind} { ${written} } = ${load}`);
  } else if (moved.length > 0) {
    rename(draft, source);
  }
  for (const { name, local } of moved) if (name === 'BearerStrategy') found.direct.add(local as string);
  for (const { property, name } of stay) draft.findings.push(notReplaced(property, name));
}

function destructured(property: ObjectPattern['properties'][number]): { name?: string; local?: string } {
  if (property.type !== 'ObjectProperty' || property.value.type !== 'Identifier') return {};
  const name = keyOf(property.key, property.computed);
  return name === undefined ? {} : { name, local: property.value.name };
}

/** The module under one name: moved if each use of the name is understood. */
function moveWhole(draft: Draft, id: Node, source: Node, found: Found): boolean {
  const name = id.type === 'Identifier' ? id.name : '';
  const findings: FindingAt[] = [];
  const direct: string[] = [];
  if (draft.names.declarationOf(name) === undefined) {
    findings.push(
      byHand(
        id,
        'module-used-as-a-whole',
        `${name} is declared more than once in this file.`,
        RENAME_BY_HAND,
      ),
    );
  }
  for (const use of draft.names.usesOf(name)) {
    const members = membersAt(use);
    if (members === undefined) findings.push(usedAsWhole(use.node));
    for (const [member, local] of members ?? []) {
      if (!isSameName(member)) findings.push(notReplaced(use.node, member));
      else if (member === 'BearerStrategy' && local !== undefined) direct.push(local);
    }
  }
  draft.findings.push(...findings);
  if (findings.length > 0) return false;
  rename(draft, source);
  found.whole.add(name);
  for (const local of direct) found.direct.add(local);
  return true;
}

/** Which members of a module are taken where its name is used, and the names they get there, if any. */
function membersAt(
  use: Place,
): readonly (readonly [member: string, local: string | undefined])[] | undefined {
  const { parent, field } = use;
  const above = parent?.node;
  if (above?.type === 'MemberExpression' && field === 'object') {
    const member = keyOf(above.property, above.computed);
    const target = parent?.parent?.node;
    const local =
      target?.type === 'VariableDeclarator' && target.id.type === 'Identifier' ? target.id.name : undefined;
    return member === undefined ? undefined : [[member, local]];
  }
  if (above?.type === 'TSQualifiedName' && field === 'left' && above.right.type === 'Identifier') {
    const target = parent?.parent?.node;
    return [[above.right.name, target?.type === 'TSImportEqualsDeclaration' ? target.id.name : undefined]];
  }
  if (above?.type === 'VariableDeclarator' && field === 'init' && above.id.type === 'ObjectPattern') {
    const read = above.id.properties.map(destructured);
    if (read.some(({ local }) => local === undefined)) return undefined;
    return read.map(({ name, local }) => [name as string, local]);
  }
  return undefined;
}

/** Nothing changes but what stands between the quotation marks. */
function rename({ edits }: Draft, literal: Node): void {
  const { start, end } = span(literal);
  edits.overwrite(start + 1, end - 1, NEW_MODULE);
}

/** Leaves some of `{ a, b }` in its place, and gives the text of the others. Not where comments would be lost. */
function split(
  { edits, text }: Draft,
  holder: Node,
  all: readonly Node[],
  stay: readonly Node[],
  moved: readonly Node[],
): string | undefined {
  const whole = span(holder);
  if (/\/[/*]/.test(text.slice(whole.start, span(all.at(-1) as Node).end))) return undefined;
  const write = (nodes: readonly Node[]): string =>
    nodes.map((one) => text.slice(span(one).start, span(one).end)).join(', ');
  edits.overwrite(span(all[0] as Node).start, span(all.at(-1) as Node).end, write(stay));
  return write(moved);
}

/** A statement of its own before another, in the same style. */
function insertLine({ edits, text }: Draft, statement: Node, line: string): void {
  const { start, end } = span(statement);
  const indentation = /[ \t]*$/.exec(text.slice(0, start))?.[0] ?? '';
  const semicolon = text[end - 1] === ';' ? ';' : '';
  const lineEnd = text.includes('\r\n') ? '\r\n' : '\n';
  edits.appendLeft(start, `${line}${semicolon}${lineEnd}${indentation}`);
}

function isMock(callee: Node): boolean {
  const target = untyped({ node: callee, parent: undefined, field: '' }).node;
  if (target.type === 'Identifier') return /mock|proxyquire|stub/i.test(target.name);
  return (
    target.type === 'MemberExpression' &&
    target.object.type === 'Identifier' &&
    ['jest', 'vi', 'mock', 'td', 'sinon'].includes(target.object.name)
  );
}

const RENAME_BY_HAND = `Load the bearer strategy from '${NEW_MODULE}' by its name: import { BearerStrategy } from '${NEW_MODULE}'.`;

function usedAsWhole(node: Node): FindingAt {
  return byHand(node, 'module-used-as-a-whole', 'The module as a whole is passed on.', RENAME_BY_HAND);
}

function formUnknown(node: Node): FindingAt {
  return byHand(
    node,
    'import-form',
    'The import has a form that this command does not split.',
    RENAME_BY_HAND,
  );
}

function notReplaced(node: Node, name: string | undefined): FindingAt {
  if (name !== undefined && /OIDC|IProfile/.test(name)) {
    return byHand(
      node,
      'sign-in-strategy',
      `${name} signs users in, which entra-guard does not do.`,
      `Keep ${OLD_MODULE} for it, or move sign-in to @azure/msal-node.`,
    );
  }
  return byHand(
    node,
    'module-used-as-a-whole',
    `${name ?? 'A computed name'} is none that '${NEW_MODULE}' has.`,
    RENAME_BY_HAND,
  );
}

function deepImport(node: Node, path: string): FindingAt {
  return byHand(
    node,
    'deep-import',
    `'${path}' is a file inside the old package.`,
    /logging/.test(path)
      ? 'Give the strategy your logger: log: (entry) => logger[entry.level](entry.message).'
      : RENAME_BY_HAND,
  );
}
