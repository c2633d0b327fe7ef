import { EntraGuardError } from './errors.js';
import { printable } from './printable.js';

/** What says of itself what it is: an error, also one of another realm, as under Jest, jsdom and `node:vm`. */
interface ErrorLike {
  readonly name: string | undefined;
  readonly message: string;
  readonly cause: unknown;
}

/** Reads what was thrown; `undefined` for what is not an error. Never throws, whatever that has for members. */
export function errorLike(thrown: unknown): ErrorLike | undefined {
  try {
    if (typeof thrown !== 'object' || thrown === null) return undefined;
    const { name, cause } = thrown as Readonly<Record<string, unknown>>;
    // The message of ours may be for callers.
    const message = EntraGuardError.is(thrown) ? thrown.explanation : (thrown as Partial<Error>).message;
    if (typeof message !== 'string') return undefined;
    return { name: typeof name === 'string' ? name : undefined, message, cause };
  } catch {
    return undefined;
  }
}

/** What was thrown, in one line: bounded and escaped. Its stack stays with it. */
export function thrownLine(thrown: unknown): string {
  const error = errorLike(thrown);
  if (error === undefined) return printable(thrown);
  return printable(error.name === undefined ? error.message : `${error.name}: ${error.message}`);
}
