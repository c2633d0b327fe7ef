import type { Program, Statement } from '@babel/types';
import type MagicString from 'magic-string';
import { mentions, span } from './read-code.js';

/** How a file is written, so that what is added looks like the rest. */
export interface Writing {
  readonly quote: "'" | '"';
  readonly semicolon: ';' | '';
  readonly newline: '\n' | '\r\n';
}

/** The quotes of the first import, and its line end. */
export function writingOf(text: string): Writing {
  const [, quote = "'"] = /(?:from|import|require\()\s*(['"])/.exec(text) ?? [];
  const first = /^.*(?:from\s|import\s*['"]|require\().*$/m.exec(text)?.[0] ?? ';';
  return {
    quote: quote === '"' ? '"' : "'",
    semicolon: /;\s*(\/\/.*)?$/.test(first) ? ';' : '',
    newline: text.includes('\r\n') ? '\r\n' : '\n',
  };
}

/**
 * Adds an import below the imports of a file, or a `require` below those at its top.
 *
 * @param names what is imported, as it stands between the braces
 */
export function addImport(
  edits: MagicString,
  program: Program,
  syntax: 'esm' | 'cjs',
  names: string,
  from: string,
  { quote, semicolon, newline }: Writing,
): void {
  const line =
    syntax === 'esm'
      ? `import { ${names} } from ${quote}${from}${quote}${semicolon}`
      : `const { ${names} } = require(${quote}${from}${quote})${semicolon}`;
  const last = program.body.findLast((statement) => isImport(statement, syntax));
  if (last === undefined) edits.appendLeft(afterDirectives(program), `${line}${newline}`);
  else edits.appendLeft(span(last).end, `${newline}${line}`);
}

function isImport(statement: Statement, syntax: 'esm' | 'cjs'): boolean {
  if (syntax === 'esm') return statement.type === 'ImportDeclaration';
  return (
    statement.type === 'VariableDeclaration' &&
    statement.declarations.every(
      ({ init }) => init?.type === 'CallExpression' && mentions(init.callee, 'require'),
    )
  );
}

function afterDirectives({ body, directives }: Program): number {
  const [first] = body;
  if (first !== undefined) return span(first).start;
  const last = directives.at(-1);
  return last === undefined ? 0 : span(last).end;
}
