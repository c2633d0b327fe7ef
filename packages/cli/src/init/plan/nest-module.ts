import type { ClassDeclaration, ObjectExpression, Program } from '@babel/types';
import { isTest, type SourceFile } from '../recognise/source-file.js';
import { nodesIn, readCode } from '../syntax/read-code.js';

/** The root module of a NestJS service. */
export interface NestModule {
  readonly file: SourceFile;
  readonly program: Program;
  /** The name of its class. */
  readonly name: string;
  /** What `@Module` is given. */
  readonly options: ObjectExpression;
}

/**
 * Finds the module that `NestFactory` is given.
 *
 * @returns the reason, where that is not exactly one class with `@Module({ … })`
 */
export function findNestModule(sources: readonly SourceFile[]): NestModule | string {
  const own = sources.filter((file) => !isTest(file));
  const names = new Set(own.flatMap(({ text }) => [...text.matchAll(FACTORY)].map(([, name = '']) => name)));
  const [name = 'AppModule', ...others] = names;
  if (others.length > 0) return `NestFactory makes more than one application: ${[...names].join(', ')}.`;
  const found = own
    .filter(({ text }) => text.includes(`class ${name}`))
    .flatMap((file) => modulesIn(file, name));
  const [module, ...more] = found;
  if (module === undefined) return `No class ${name} with @Module({ … }) was found.`;
  return more.length === 0 ? module : `There is more than one class ${name}.`;
}

const FACTORY = /\bNestFactory\.create\w*\s*(?:<[^(]*>)?\(\s*(\w+)/g;

function modulesIn(file: SourceFile, name: string): readonly NestModule[] {
  const program = readCode(file);
  if (program === undefined) return [];
  const modules: NestModule[] = [];
  for (const node of nodesIn(program)) {
    if (node.type !== 'ClassDeclaration' || node.id?.name !== name) continue;
    const options = optionsOf(node);
    if (options !== undefined) modules.push({ file, program, name, options });
  }
  return modules;
}

function optionsOf({ decorators }: ClassDeclaration): ObjectExpression | undefined {
  for (const { expression } of decorators ?? []) {
    if (expression.type !== 'CallExpression' || expression.callee.type !== 'Identifier') continue;
    const [options] = expression.arguments;
    if (expression.callee.name === 'Module' && options?.type === 'ObjectExpression') return options;
  }
  return undefined;
}
