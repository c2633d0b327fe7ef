import { type Place } from './place.js';

/** Which names a file declares, and where it uses them. Scopes are not told apart: a name that two declare is unclear. */
export class Names {
  readonly #declared = new Map<string, Place[]>();
  readonly #used = new Map<string, Place[]>();

  constructor(places: Iterable<Place>) {
    for (const place of places) {
      const { node } = place;
      if (node.type !== 'Identifier' && node.type !== 'JSXIdentifier') continue;
      const role = roleOf(place);
      if (role === 'none') continue;
      const map = role === 'declared' ? this.#declared : this.#used;
      map.set(node.name, [...(map.get(node.name) ?? []), place]);
    }
  }

  /** Where the name is declared, if that is at one place only. */
  declarationOf(name: string): Place | undefined {
    const [only, ...others] = this.#declared.get(name) ?? [];
    return others.length === 0 ? only : undefined;
  }

  /** Where the name is used, its declaration aside. */
  usesOf(name: string): readonly Place[] {
    return this.#used.get(name) ?? [];
  }
}

function roleOf(place: Place): 'declared' | 'used' | 'none' {
  const { field, parent } = place;
  const above = parent?.node;
  switch (above?.type) {
    case 'MemberExpression':
    case 'OptionalMemberExpression':
      return field === 'property' && !above.computed ? 'none' : 'used';
    case 'ObjectProperty':
      if (field === 'key' && !above.computed) return 'none';
      return field === 'value' && isPattern(parent as Place) ? declaring(parent as Place) : 'used';
    case 'ObjectMethod':
    case 'ClassMethod':
    case 'ClassProperty':
    case 'ClassPrivateProperty':
    case 'TSPropertySignature':
    case 'TSMethodSignature':
    case 'TSDeclareMethod':
    case 'TSEnumMember':
      if (field === 'key' || field === 'id') return 'computed' in above && above.computed ? 'used' : 'none';
      return field === 'params' ? 'declared' : 'used';
    case 'LabeledStatement':
    case 'BreakStatement':
    case 'ContinueStatement':
    case 'MetaProperty':
    case 'JSXAttribute':
    case 'TSNamedTupleMember':
      return 'none';
    case 'TSQualifiedName':
      return field === 'right' ? 'none' : 'used';
    case 'TSImportType':
      return 'none';
    case 'ImportSpecifier':
      return field === 'local' ? 'declared' : 'none';
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
      return 'declared';
    case 'ExportSpecifier':
      return field === 'local' ? 'used' : 'none';
    case 'ImportAttribute':
      return 'none';
    case 'TSImportEqualsDeclaration':
    case 'VariableDeclarator':
    case 'FunctionDeclaration':
    case 'FunctionExpression':
    case 'ClassDeclaration':
    case 'ClassExpression':
    case 'ArrowFunctionExpression':
    case 'TSEnumDeclaration':
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
    case 'TSModuleDeclaration':
      return field === 'id' || field === 'params' ? 'declared' : 'used';
    case 'CatchClause':
      return field === 'param' ? 'declared' : 'used';
    case 'AssignmentPattern':
      return field === 'left' ? declaring(parent as Place) : 'used';
    case 'RestElement':
    case 'ArrayPattern':
    case 'TSParameterProperty':
      return declaring(parent as Place);
    default:
      return 'used';
  }
}

const isPattern = ({ parent }: Place): boolean => parent?.node.type === 'ObjectPattern';

/** A pattern declares, unless it is what is assigned to: `({ a } = b)`. */
function declaring(pattern: Place): 'declared' | 'used' {
  const { parent, field } = pattern;
  switch (parent?.node.type) {
    case 'AssignmentExpression':
    case 'ForOfStatement':
    case 'ForInStatement':
      return field === 'left' ? 'used' : 'declared';
    case 'ObjectPattern':
    case 'ObjectProperty':
    case 'ArrayPattern':
    case 'AssignmentPattern':
    case 'RestElement':
      return declaring(parent);
    default:
      return 'declared';
  }
}
