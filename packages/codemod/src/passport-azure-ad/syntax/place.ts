import type { Node } from '@babel/types';

/** A node, and where in the tree it stands. */
export interface Place {
  readonly node: Node;
  readonly parent: Place | undefined;
  /** The name of the parent's field that holds it. */
  readonly field: string;
}

/** Every node below and including this one, in the order of the text. */
export function* placesIn(node: Node, parent?: Place, field = ''): Generator<Place> {
  const place = { node, parent, field };
  yield place;
  for (const [name, value] of Object.entries(node)) {
    if (NOT_CHILDREN.has(name)) continue;
    for (const child of Array.isArray(value) ? value : [value]) {
      if (isNode(child)) yield* placesIn(child, place, name);
    }
  }
}

const NOT_CHILDREN = new Set([
  'loc',
  'extra',
  'leadingComments',
  'trailingComments',
  'innerComments',
  'errors',
  'tokens',
]);

function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    'start' in value
  );
}

/** What is meant by an expression that only a type is said of: `options as Options`, `options satisfies Options`. */
export function untyped(place: Place): Place {
  const { node } = place;
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'TSTypeAssertion':
      return untyped({ node: node.expression, parent: place, field: 'expression' });
    default:
      return place;
  }
}

/** Returns what stands around an expression, without type assertions. */
export function around(place: Place): Place | undefined {
  const { parent } = place;
  return parent !== undefined && untyped(parent).node !== parent.node ? around(parent) : parent;
}

/** The text of a literal that holds nothing but text. */
export function textOf(node: Node | null | undefined): string | undefined {
  if (node?.type === 'StringLiteral') return node.value;
  if (node?.type !== 'TemplateLiteral' || node.expressions.length > 0) return undefined;
  return node.quasis[0]?.value.cooked ?? undefined;
}

/** The name of a property that is written out: `a.name`, `a['name']`, `{ name: 1 }`, `{ 'name': 1 }`. */
export function keyOf(key: Node, computed: boolean | undefined): string | undefined {
  return key.type === 'Identifier' && !computed ? key.name : textOf(key);
}
