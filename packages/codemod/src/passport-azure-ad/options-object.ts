import type { ObjectExpression } from '@babel/types';
import type { Draft } from './draft.js';
import { byHand } from './finding.js';
import type { Construction } from './strategies.js';
import { around, type Place, untyped } from './syntax/place.js';

/** The options of a strategy, as far as they stand in the file. */
export interface OptionsObject {
  readonly node: ObjectExpression;
  /** Whether all of them are here, and no other code reads them. */
  readonly own: boolean;
}

/** What to look for in options that can't be seen. */
const LOOK_FOR =
  'Look there for what the new strategy refuses: proxy, ignoreExpiration, clockSkew above 300, text where true or false is meant, scopes with their URI.';

/** Finds the options of each strategy; the same object once. */
export function findOptions(draft: Draft, constructions: readonly Construction[]): readonly OptionsObject[] {
  const found = new Map<ObjectExpression, OptionsObject>();
  for (const construction of constructions) {
    const options = resolve(draft, construction, constructions);
    if (options !== undefined) found.set(options.node, options);
  }
  return [...found.values()];
}

function resolve(
  draft: Draft,
  { options }: Construction,
  all: readonly Construction[],
): OptionsObject | undefined {
  const { node } = untyped(options);
  if (node.type === 'ObjectExpression') return { node, own: isWhole(draft, node) };
  const declared = node.type === 'Identifier' ? declaredAs(draft, node.name) : undefined;
  if (node.type !== 'Identifier' || declared === undefined) {
    draft.findings.push(
      byHand(
        node,
        'options-elsewhere',
        'The options come from somewhere else; they are left as they are.',
        LOOK_FOR,
      ),
    );
    return undefined;
  }
  const passed = all.map((one) => untyped(one.options).node);
  const others = draft.names.usesOf(node.name).filter((use) => !passed.includes(use.node) && !isType(use));
  const changed = others.find(isChange);
  if (changed !== undefined) {
    draft.findings.push(
      byHand(
        changed.node,
        'options-changed',
        `${node.name} is changed after it was made; its options are left as they are.`,
        LOOK_FOR,
      ),
    );
  }
  const shared = others.length > 0 || isExported(draft, node.name);
  return { node: declared, own: isWhole(draft, declared) && !shared };
}

const isType = (use: Place): boolean => around(use)?.node.type.startsWith('TSType') === true;

/** `options.audience = …`, `Object.assign(options, …)`. */
function isChange({ parent, field }: Place): boolean {
  const above = parent?.node;
  if (above?.type === 'AssignmentExpression') return field === 'left';
  if (above?.type === 'CallExpression') {
    const { callee } = above;
    return (
      callee.type === 'MemberExpression' &&
      callee.object.type === 'Identifier' &&
      callee.object.name === 'Object'
    );
  }
  return above?.type === 'MemberExpression' && field === 'object' && parent?.field === 'left';
}

const isExported = ({ names }: Draft, name: string): boolean =>
  names.declarationOf(name)?.parent?.parent?.parent?.node.type === 'ExportNamedDeclaration';

/** `const name = { … }`, if that is all that is ever said of the name. */
function declaredAs({ names }: Draft, name: string): ObjectExpression | undefined {
  const declarator = names.declarationOf(name)?.parent;
  if (declarator?.node.type !== 'VariableDeclarator' || !declarator.node.init) return undefined;
  const { node } = untyped({ node: declarator.node.init, parent: declarator, field: 'init' });
  return node.type === 'ObjectExpression' ? node : undefined;
}

function isWhole(draft: Draft, { properties }: ObjectExpression): boolean {
  const spread = properties.find(({ type }) => type === 'SpreadElement');
  if (spread === undefined) return true;
  draft.findings.push(
    byHand(
      spread,
      'options-spread',
      'Some of the options come from somewhere else; all are left as they are.',
      LOOK_FOR,
    ),
  );
  return false;
}
