import type { CallExpression, Class, NewExpression, Node } from '@babel/types';
import type { Draft } from './draft.js';
import { byHand } from './finding.js';
import type { StrategyNames } from './module-uses.js';
import { keyOf, type Place, placesIn } from './syntax/place.js';

/** One strategy that the file makes: by `new`, or by a class that inherits from it. */
export interface Construction {
  /** The call that carries the options: `new BearerStrategy(…)` or `super(…)`. */
  readonly call: Place & { readonly node: NewExpression | CallExpression };
  readonly options: Place;
}

/** Where strategies are made. Says of every other use of the strategy that it is not understood. */
export function findConstructions(draft: Draft, strategy: StrategyNames): readonly Construction[] {
  return draft.places
    .filter((place) => isStrategy(place, strategy))
    .flatMap((use) => constructionsAt(draft, use));
}

function isStrategy({ node, parent, field }: Place, { direct, whole }: StrategyNames): boolean {
  if (node.type === 'Identifier' && direct.has(node.name)) {
    // The name of a property, and the declaration, do not use it.
    return !(
      field === 'property' ||
      field === 'key' ||
      field === 'id' ||
      field === 'imported' ||
      field === 'local' ||
      isDeclared(parent)
    );
  }
  return (
    node.type === 'MemberExpression' &&
    node.object.type === 'Identifier' &&
    whole.has(node.object.name) &&
    keyOf(node.property, node.computed) === 'BearerStrategy' &&
    parent?.node.type !== 'VariableDeclarator'
  );
}

/** `{ BearerStrategy }` on the left of a declaration. */
const isDeclared = (parent: Place | undefined): boolean =>
  parent?.node.type === 'ObjectProperty' && parent.parent?.node.type === 'ObjectPattern';

function constructionsAt(draft: Draft, use: Place): readonly Construction[] {
  const { parent, field } = use;
  const above = parent?.node;
  switch (above?.type) {
    case 'NewExpression':
      if (field === 'callee') return construction(parent as Place);
      break;
    case 'ClassDeclaration':
    case 'ClassExpression':
      if (field === 'superClass') return superCalls(above);
      break;
    case 'CallExpression': {
      const inheriting = parent?.parent?.node;
      if (field === 'arguments' && above.arguments[0] === use.node && isMixin(above.callee)) {
        if (isClass(inheriting) && parent?.field === 'superClass') return superCalls(inheriting);
      }
      break;
    }
    case 'MemberExpression': {
      const name = keyOf(above.property, above.computed);
      if (name === 'call' || name === 'apply') {
        draft.findings.push(
          byHand(
            above,
            'strategy-called-without-new',
            'A constructor calls that of the strategy, which goes on working after util.inherits; its options were not looked at.',
            'Compare them with the guide. class … extends BearerStrategy, with super(options, verify), is looked at.',
          ),
        );
        return [];
      }
      break;
    }
    default:
      if (above?.type.startsWith('TS')) return [];
  }
  draft.findings.push(
    byHand(
      use.node,
      'strategy-used-otherwise',
      'The strategy is used in a way that hides its options, or reaches into it.',
      'The name, options and callbacks are those you know; jwtVerify, loadMetadata and failWithLog are gone. Compare the options with the guide.',
    ),
  );
  return [];
}

const isMixin = (callee: Node): boolean => callee.type === 'Identifier' && callee.name === 'PassportStrategy';

const isClass = (node: Node | undefined): node is Class =>
  node?.type === 'ClassDeclaration' || node?.type === 'ClassExpression';

/** A class without a constructor takes the arguments of `new`: those are where it is made. */
function superCalls({ body }: Class): readonly Construction[] {
  const own = body.body.find((member) => member.type === 'ClassMethod' && member.kind === 'constructor');
  if (own === undefined) return [];
  return [...placesIn(own)]
    .filter(({ node }) => node.type === 'CallExpression' && node.callee.type === 'Super')
    .flatMap(construction);
}

function construction(place: Place): readonly Construction[] {
  const call = place as Construction['call'];
  const [options] = call.node.arguments;
  return options === undefined
    ? []
    : [{ call, options: { node: options, parent: place, field: 'arguments' } }];
}
