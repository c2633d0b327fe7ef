import { oneLine } from '../graph/graph-failure.js';

/** Shows what was found, for an error: text in quotes, and of anything larger its type. */
export function shown(found: unknown): string {
  if (typeof found === 'string') return `'${oneLine(found, 100)}'`;
  if (Array.isArray(found)) return `an array of ${found.length}`;
  if (typeof found === 'object' && found !== null) return 'an object without what is needed';
  return typeof found === 'function' ? 'a function' : String(found);
}
