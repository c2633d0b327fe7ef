import type { Node, ObjectExpression, TemplateLiteral } from '@babel/types';
import type { Modules, ReadModule } from './read-module.js';
import { keyOf, textOf, untyped } from './syntax/place.js';

/** Deeper than people write configuration; a cycle ends there. */
const DEEPEST = 12;

/**
 * Returns the value of an expression, as far as it is written out: names are followed to their declarations, also in the
 * application's own modules. What is only known when the program runs stays as it is.
 */
export function writtenValue(node: Node, module: ReadModule, modules: Modules, depth = 0): Node {
  if (depth > DEEPEST) return node;
  const inner = untyped({ node, parent: undefined, field: '' }).node;
  const written = (part: Node): Node => writtenValue(part, module, modules, depth + 1);
  switch (inner.type) {
    case 'Identifier':
    case 'MemberExpression': {
      const found = meant(inner, module, modules, depth + 1);
      return found === undefined ? inner : writtenValue(found.node, found.module, modules, depth + 1);
    }
    case 'TemplateLiteral':
      return inner.expressions.length === 0 ? inner : joinedTemplate(inner, inner.expressions.map(written));
    case 'BinaryExpression': {
      if (inner.operator !== '+') return inner;
      const [left, right] = [written(inner.left), written(inner.right)];
      const [first, second] = [textOf(left), textOf(right)];
      if (first !== undefined && second !== undefined) return textNode(inner, first + second);
      return { ...inner, left: left as typeof inner.left, right: right as typeof inner.right };
    }
    case 'LogicalExpression':
      return { ...inner, right: written(inner.right) as typeof inner.right };
    case 'ArrayExpression':
      return {
        ...inner,
        elements: inner.elements.map((one) => (one === null ? one : (written(one) as typeof one))),
      };
    default:
      return inner;
  }
}

interface Meant {
  readonly node: Node;
  readonly module: ReadModule;
}

/** What a name, or a member of it, was declared as. */
function meant(node: Node, module: ReadModule, modules: Modules, depth: number): Meant | undefined {
  if (depth > DEEPEST) return undefined;
  const { node: inner } = untyped({ node, parent: undefined, field: '' });
  if (inner.type === 'Identifier') return declared(inner.name, module, modules, depth);
  if (inner.type === 'CallExpression' || inner.type === 'AwaitExpression')
    return loaded(inner, module, modules, depth + 1);
  if (inner.type !== 'MemberExpression') return { node: inner, module };
  const name = keyOf(inner.property, inner.computed);
  const owner = name === undefined ? undefined : meant(inner.object, module, modules, depth + 1);
  if (owner === undefined || name === undefined) return undefined;
  return memberOf(owner, name, modules, depth + 1);
}

function memberOf({ node, module }: Meant, name: string, modules: Modules, depth: number): Meant | undefined {
  if (depth > DEEPEST) return undefined;
  if (node.type === 'Program') {
    const exported = module.exported.get(name);
    return exported === undefined ? undefined : meant(exported, module, modules, depth + 1);
  }
  if (node.type !== 'ObjectExpression') return undefined;
  const value = propertyOf(node, name);
  return value === undefined ? undefined : meant(value, module, modules, depth + 1);
}

/** The last of a name counts, and a spread behind it may hold another. */
function propertyOf({ properties }: ObjectExpression, name: string): Node | undefined {
  const last = properties.findLastIndex(
    (one) => one.type === 'SpreadElement' || keyOf(one.key, one.computed) === name,
  );
  const found = properties[last];
  return found?.type === 'ObjectProperty' ? found.value : undefined;
}

function declared(name: string, module: ReadModule, modules: Modules, depth: number): Meant | undefined {
  const place = module.names.declarationOf(name);
  const parent = place?.parent;
  const above = parent?.node;
  // What is assigned to later is known only when the program runs.
  if (above === undefined || module.isChanged(name)) return undefined;
  switch (above.type) {
    case 'VariableDeclarator':
      return above.init ? meant(above.init, module, modules, depth + 1) : undefined;
    case 'ImportDefaultSpecifier':
    case 'ImportNamespaceSpecifier':
    case 'ImportSpecifier': {
      const declaration = parent?.parent?.node;
      const other =
        declaration?.type === 'ImportDeclaration'
          ? modules.from(module, declaration.source.value)
          : undefined;
      if (other === undefined) return undefined;
      const whole: Meant = { node: other.program, module: other };
      if (above.type === 'ImportNamespaceSpecifier') return whole;
      const imported = above.type === 'ImportSpecifier' ? keyOf(above.imported, false) : 'default';
      return imported === undefined ? undefined : memberOf(whole, imported, modules, depth + 1);
    }
    case 'ObjectProperty': {
      const pattern = parent?.parent;
      const declarator = pattern?.parent?.node;
      const key = keyOf(above.key, above.computed);
      if (declarator?.type !== 'VariableDeclarator' || !declarator.init || key === undefined)
        return undefined;
      const owner = meant(declarator.init, module, modules, depth + 1);
      return owner === undefined ? undefined : memberOf(owner, key, modules, depth + 1);
    }
    default:
      return undefined;
  }
}

/** `require('./config')`, `await import('./config.js')`. */
function loaded(node: Node, module: ReadModule, modules: Modules, depth: number): Meant | undefined {
  const call = node.type === 'AwaitExpression' ? node.argument : node;
  if (call.type !== 'CallExpression') return undefined;
  const path = textOf(call.arguments[0]);
  const isRequire = call.callee.type === 'Identifier' && call.callee.name === 'require';
  if (path === undefined || !(isRequire || call.callee.type === 'Import')) return undefined;
  const other = modules.from(module, path);
  if (other === undefined) return undefined;
  const whole = isRequire ? other.exported.get('module.exports') : undefined;
  return whole === undefined
    ? { node: other.program, module: other }
    : meant(whole, other, modules, depth + 1);
}

function joinedTemplate(template: TemplateLiteral, expressions: readonly Node[]): Node {
  const quasis = template.quasis.map(({ value }) => value.cooked ?? value.raw);
  const texts: string[] = [quasis[0] ?? ''];
  const open: Node[] = [];
  expressions.forEach((expression, index) => {
    const text = textOf(expression);
    const rest = quasis[index + 1] ?? '';
    if (text === undefined) {
      open.push(expression);
      texts.push(rest);
    } else texts[texts.length - 1] += text + rest;
  });
  if (open.length === 0) return textNode(template, texts[0] ?? '');
  return {
    ...template,
    expressions: open as TemplateLiteral['expressions'],
    quasis: texts.map((text, index) => ({
      ...(template.quasis[0] as TemplateLiteral['quasis'][number]),
      value: { raw: text, cooked: text },
      tail: index === texts.length - 1,
    })),
  };
}

function textNode({ start, end, loc }: Node, value: string): Node {
  return { type: 'StringLiteral', value, start, end, loc } as Node;
}
