import type { Expression, Node, Program, Statement } from '@babel/types';
import { isTest, type SourceFile } from '../recognise/source-file.js';
import { mentions, nodesIn, readCode } from '../syntax/read-code.js';

/** The application of an Express service, in the one file that makes it. */
export interface ExpressApp {
  readonly file: SourceFile;
  readonly program: Program;
  /** The variable that holds it. */
  readonly name: string;
  /** The statement that makes it. */
  readonly made: Statement;
  /** All statements next to that one, in order. */
  readonly statements: readonly Statement[];
  /** How another file of the service has to import Express. */
  readonly express: ExpressImport;
  /** How a test gets it; `undefined` where it can't without more. */
  readonly exported: ExportedApp | undefined;
}

/** How a module of CommonJS is imported as a whole. A default import needs `esModuleInterop` of TypeScript. */
export type ExpressImport = 'default' | 'import-require';

/** What a test imports: the application, or a function without parameters that makes one. */
export interface ExportedApp {
  /** The name that it is exported by; `undefined` for `module.exports = app`. */
  readonly name: string | undefined;
  readonly made: 'once' | 'by a call';
}

/**
 * Finds where `express()` is assigned.
 *
 * @returns the reason, where that is not exactly one place
 */
export function findExpressApp(sources: readonly SourceFile[]): ExpressApp | string {
  const apps = sources.filter((file) => !isTest(file) && /\bexpress\b/.test(file.text)).flatMap(appsIn);
  const [app, ...others] = apps;
  if (app === undefined) return 'No file assigns express() to a variable.';
  if (others.length === 0) return app;
  return `More than one application is made: in ${apps.map(({ file }) => file.path).join(', ')}.`;
}

function appsIn(file: SourceFile): readonly ExpressApp[] {
  const program = readCode(file);
  const express = program && importOfExpress(program);
  if (program === undefined || express === undefined) return [];
  const apps: ExpressApp[] = [];
  for (const node of nodesIn(program)) {
    if (node.type !== 'Program' && node.type !== 'BlockStatement') continue;
    for (const made of node.body) {
      const name = appMadeBy(made, express.name);
      if (name === undefined) continue;
      const exported = listens(program) ? undefined : exportOf(program, node, name);
      apps.push({ file, program, name, made, statements: node.body, express: express.as, exported });
    }
  }
  return apps;
}

/** The name that Express has in a file, and how it is imported. */
function importOfExpress({
  body,
}: Program): { readonly name: string; readonly as: ExpressImport } | undefined {
  for (const statement of body) {
    if (statement.type === 'ImportDeclaration' && statement.source.value === 'express') {
      const whole = statement.specifiers.find(({ type }) => type !== 'ImportSpecifier');
      if (whole !== undefined) {
        // A namespace can only be called where nothing but the compiler of TypeScript, without esModuleInterop, made it.
        const as = whole.type === 'ImportNamespaceSpecifier' ? 'import-require' : 'default';
        return { name: whole.local.name, as };
      }
    }
    if (
      statement.type === 'TSImportEqualsDeclaration' &&
      statement.moduleReference.type === 'TSExternalModuleReference'
    ) {
      if (statement.moduleReference.expression.value === 'express') {
        return { name: statement.id.name, as: 'import-require' };
      }
    }
    if (statement.type !== 'VariableDeclaration') continue;
    for (const { id, init } of statement.declarations) {
      if (id.type === 'Identifier' && requiredBy(init) === 'express') return { name: id.name, as: 'default' };
    }
  }
  return undefined;
}

/** The module of `require('module')`. */
export function requiredBy(init: Node | null | undefined): string | undefined {
  if (init?.type !== 'CallExpression' || init.callee.type !== 'Identifier') return undefined;
  const [module] = init.arguments;
  return init.callee.name === 'require' && module?.type === 'StringLiteral' ? module.value : undefined;
}

function appMadeBy(statement: Statement, express: string): string | undefined {
  const declared = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
  if (declared?.type !== 'VariableDeclaration') return undefined;
  const found = declared.declarations.find(
    ({ init }) =>
      init?.type === 'CallExpression' && init.callee.type === 'Identifier' && init.callee.name === express,
  );
  return found?.id.type === 'Identifier' ? found.id.name : undefined;
}

/** Importing such a file would take a port. */
function listens(program: Program): boolean {
  for (const node of nodesIn(program)) {
    if (node.type !== 'CallExpression' || node.callee.type !== 'MemberExpression') continue;
    const { property } = node.callee;
    if (property.type === 'Identifier' && property.name === 'listen') return true;
  }
  return false;
}

function exportOf(program: Program, around: Node, name: string): ExportedApp | undefined {
  const exported = exportsOf(program);
  if (around === program) {
    return exported.has(name) ? { name: exported.get(name), made: 'once' } : undefined;
  }
  for (const statement of program.body) {
    const declared =
      statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration'
        ? statement.declaration
        : statement;
    if (declared?.type !== 'FunctionDeclaration' || declared.body !== around) continue;
    if (declared.params.length > 0 || declared.async || !declared.id) return undefined;
    const maker = declared.id.name;
    return exported.has(maker) ? { name: exported.get(maker), made: 'by a call' } : undefined;
  }
  return undefined;
}

/** From each variable that a file exports to the name that it is exported by; `undefined` for the whole of CommonJS. */
function exportsOf({ body }: Program): ReadonlyMap<string, string | undefined> {
  const found = new Map<string, string | undefined>();
  for (const statement of body) {
    if (statement.type === 'ExportDefaultDeclaration') {
      const { declaration } = statement;
      if (declaration.type === 'Identifier') found.set(declaration.name, 'default');
      if (declaration.type === 'FunctionDeclaration' && declaration.id)
        found.set(declaration.id.name, 'default');
    } else if (statement.type === 'TSExportAssignment') {
      if (statement.expression.type === 'Identifier') found.set(statement.expression.name, undefined);
    } else if (statement.type === 'ExportNamedDeclaration') {
      for (const [local, name] of namedExports(statement)) found.set(local, name);
    } else if (statement.type === 'ExpressionStatement') {
      for (const [local, name] of commonJsExports(statement.expression)) found.set(local, name);
    }
  }
  return found;
}

function namedExports(
  statement: Extract<Statement, { type: 'ExportNamedDeclaration' }>,
): readonly (readonly [string, string])[] {
  const { declaration, specifiers } = statement;
  if (declaration?.type === 'VariableDeclaration') {
    return declaration.declarations.flatMap(({ id }) =>
      id.type === 'Identifier' ? [[id.name, id.name] as const] : [],
    );
  }
  if (declaration?.type === 'FunctionDeclaration' && declaration.id) {
    return [[declaration.id.name, declaration.id.name]];
  }
  return specifiers.flatMap((one) =>
    one.type === 'ExportSpecifier' && one.exported.type === 'Identifier'
      ? [[one.local.name, one.exported.name] as const]
      : [],
  );
}

function commonJsExports(expression: Expression): readonly (readonly [string, string | undefined])[] {
  if (expression.type !== 'AssignmentExpression' || expression.left.type !== 'MemberExpression') return [];
  const { left, right } = expression;
  if (left.property.type !== 'Identifier' || left.computed) return [];
  const whole =
    left.object.type === 'Identifier' && left.object.name === 'module' && left.property.name === 'exports';
  if (whole && right.type === 'Identifier') return [[right.name, undefined]];
  if (whole && right.type === 'ObjectExpression') {
    return right.properties.flatMap((one) =>
      one.type === 'ObjectProperty' && one.key.type === 'Identifier' && one.value.type === 'Identifier'
        ? [[one.value.name, one.key.name] as const]
        : [],
    );
  }
  const member = !whole && mentions(left.object, 'exports');
  return (member || isModuleExports(left.object)) && right.type === 'Identifier'
    ? [[right.name, left.property.name]]
    : [];
}

function isModuleExports(node: Node): boolean {
  return (
    node.type === 'MemberExpression' &&
    node.property.type === 'Identifier' &&
    node.property.name === 'exports' &&
    mentions(node.object, 'module')
  );
}
