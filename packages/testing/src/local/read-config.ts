import { invalidOption } from '../directory/invalid-option.js';
import type { StartEntraOptions } from '../start-entra.js';
import { configShape } from './config-shape.js';
import { JsonSyntaxError, type LocatedJson, type Path, type Place, parseLocated } from './located-json.js';

/**
 * Reads a configuration file: the options of `startEntra` as JSON.
 *
 * @param file its name, for errors
 * @throws {LocalEntraError} `option_invalid`: the message names file, line, column and member, what was found and what was
 * expected
 */
export function readLocalConfig(json: string, file: string): StartEntraOptions {
  const { value, placeOf } = parsed(json, file);
  const problem = configShape.check(value, []);
  if (problem !== undefined) {
    const what = problem.path.length === 0 ? 'The configuration' : memberName(problem.path);
    throw invalidOption(`${at(file, placeOf(problem.path))}: ${what} ${problem.message}`);
  }
  const { $schema: _, ...options } = value as StartEntraOptions & { readonly $schema?: string };
  return options;
}

function parsed(json: string, file: string): LocatedJson {
  try {
    return parseLocated(json);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw invalidOption(`${at(file, error.place)}: This is not JSON. ${error.message}`);
  }
}

function at(file: string, { line, column }: Place): string {
  return `${file}:${line}:${column}`;
}

/** `apps.orders.scopes[0]`, `apps["nightly job"]` */
function memberName(path: Path): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[\w$-]+$/.test(part)) return `[${JSON.stringify(part)}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}
