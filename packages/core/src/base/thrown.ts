import { EntraGuardError } from './errors.js';
import { printable } from './printable.js';

/** An error, also one of another realm, as under Jest, jsdom and `node:vm`. */
interface ErrorLike {
  readonly name: string | undefined;
  readonly message: string;
  readonly cause: unknown;
}

/** Reads a thrown value. Returns `undefined` if it is not an error. Never throws, even if a getter of the value does. */
export function errorLike(thrown: unknown): ErrorLike | undefined {
  try {
    if (typeof thrown !== 'object' || thrown === null) return undefined;
    const { name, cause } = thrown as Readonly<Record<string, unknown>>;
    // The message of an EntraGuardError may be concealed from callers; its explanation is complete.
    const message = EntraGuardError.is(thrown) ? thrown.explanation : (thrown as Partial<Error>).message;
    if (typeof message !== 'string') return undefined;
    return { name: typeof name === 'string' ? name : undefined, message, cause };
  } catch {
    return undefined;
  }
}

/** Writes a thrown value in one line, bounded and escaped, without its stack. */
export function thrownLine(thrown: unknown): string {
  const error = errorLike(thrown);
  if (error === undefined) return printable(thrown);
  return printable(error.name === undefined ? error.message : `${error.name}: ${error.message}`);
}
