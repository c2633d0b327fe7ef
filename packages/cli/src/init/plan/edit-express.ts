import type { Program, Statement } from '@babel/types';
import MagicString from 'magic-string';
import type { ModuleStyle } from '../recognise/module-style.js';
import { addImport, writingOf } from '../syntax/add-import.js';
import { mentions, span } from '../syntax/read-code.js';
import { type ExpressApp, requiredBy } from './express-app.js';

/** Middlewares that may answer or log before the guard: without the headers of `cors` a browser could not read a refusal. */
const BEFORE_GUARD = new Set([
  'compression',
  'cors',
  'express-rate-limit',
  'helmet',
  'morgan',
  'pino-http',
  'response-time',
  'serve-favicon',
  'serve-static',
]);
/** Those that read the request, and had better not read one that is refused. */
const PARSERS = new Set(['body-parser', 'cookie-parser']);
/** What only sets the application up. */
const SETTINGS = new Set(['set', 'enable', 'disable', 'engine']);

/** What stands in a statement next to the application. */
type Kind = 'unrelated' | 'before the guard' | 'parser' | 'route' | 'end';

/**
 * Puts the guard in front of the routes of an application, below CORS, logs and static files, and the check that no route was
 * forgotten behind the last one.
 */
export function editExpressApp(app: ExpressApp, style: ModuleStyle): string {
  const { file, program, name, made, statements } = app;
  const { text } = file;
  const edits = new MagicString(text);
  const writing = writingOf(text);
  const { semicolon, newline } = writing;
  const modules = modulesOf(program);
  const rest = statements.slice(statements.indexOf(made) + 1);
  const kinds = rest.map((statement) => kindOf(statement, name, modules));

  let first = kinds.findIndex((kind) => kind === 'route' || kind === 'end');
  if (first === -1) first = rest.length;
  while (first > 0 && (kinds[first - 1] === 'parser' || kinds[first - 1] === 'unrelated')) first--;
  const last = kinds.lastIndexOf('route');
  const above = rest[first - 1] ?? made;
  const below = last < first ? above : (rest[last] as Statement);
  const indent = /[ \t]*$/.exec(text.slice(0, span(made).start))?.[0] ?? '';

  addImport(edits, program, style.syntax, 'everyRoute, guard', `./entra-guard${style.importEnd}`, writing);
  const line = (code: string): string => `${newline}${indent}${code}${semicolon}`;
  edits.appendRight(
    span(above).end,
    `${newline}${indent}// Every route below needs an access token. One that has to stay open goes above this line.${line(`${name}.use(everyRoute)`)}`,
  );
  edits.appendRight(span(below).end, line(`guard.assertAllGuarded(${name})`));
  return edits.toString();
}

function kindOf(statement: Statement, app: string, modules: ReadonlyMap<string, string>): Kind {
  if (!mentions(statement, app)) return 'unrelated';
  if (/^Export|^TSExport|^ReturnStatement/.test(statement.type)) return 'end';
  if (statement.type === 'VariableDeclaration') return 'end';
  if (statement.type !== 'ExpressionStatement') return 'route';
  const { expression } = statement;
  if (expression.type === 'AssignmentExpression') return 'end';
  if (expression.type !== 'CallExpression' || expression.callee.type !== 'MemberExpression') return 'route';
  const { object, property } = expression.callee;
  if (property.type !== 'Identifier') return 'route';
  if (property.name === 'listen') return 'end';
  if (object.type !== 'Identifier' || object.name !== app) return 'route';
  if (SETTINGS.has(property.name)) return 'before the guard';
  const [given, ...more] = expression.arguments;
  if (property.name !== 'use' || more.length > 0 || given?.type !== 'CallExpression') return 'route';
  const { callee } = given;
  if (callee.type === 'Identifier') return ofModule(modules.get(callee.name));
  if (callee.type !== 'MemberExpression' || callee.object.type !== 'Identifier') return 'route';
  const module = modules.get(callee.object.name);
  if (module !== 'express') return ofModule(module);
  return mentions(callee.property, 'static') ? 'before the guard' : 'parser';
}

function ofModule(module: string | undefined): Kind {
  if (module !== undefined && BEFORE_GUARD.has(module)) return 'before the guard';
  return module !== undefined && PARSERS.has(module) ? 'parser' : 'route';
}

/** From each imported name to its module. */
function modulesOf({ body }: Program): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const statement of body) {
    if (statement.type === 'ImportDeclaration') {
      for (const { local } of statement.specifiers) found.set(local.name, statement.source.value);
    } else if (statement.type === 'VariableDeclaration') {
      for (const { id, init } of statement.declarations) {
        const module = requiredBy(init);
        if (id.type === 'Identifier' && module !== undefined) found.set(id.name, module);
      }
    }
  }
  return found;
}
