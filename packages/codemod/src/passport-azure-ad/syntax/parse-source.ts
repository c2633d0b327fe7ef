import { type ParserPlugin, parse } from '@babel/parser';
import type { File } from '@babel/types';
import { BadInputError } from '../../bad-input.js';

/**
 * Reads JavaScript or TypeScript.
 *
 * @param path by whose end the language is known; also for the error
 * @throws BadInputError that names the line
 */
export function parseSource(path: string, text: string): File {
  try {
    return parse(text, {
      sourceType: 'unambiguous',
      allowReturnOutsideFunction: true,
      allowAwaitOutsideFunction: true,
      allowUndeclaredExports: true,
      plugins: pluginsFor(path),
    });
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    const { line = 1, column = 0 } = (error as { loc?: { line: number; column: number } }).loc ?? {};
    throw new BadInputError(
      `${path}:${line}:${column + 1} is not what its name says: ${error.message.replace(/ \(\d+:\d+\)$/, '')}`,
      'Fix the file, or name other paths.',
    );
  }
}

function pluginsFor(path: string): ParserPlugin[] {
  if (/\.[cm]?ts$/.test(path)) return ['typescript', 'decorators-legacy'];
  if (path.endsWith('.tsx')) return ['typescript', 'jsx', 'decorators-legacy'];
  return ['jsx', 'decorators-legacy'];
}
