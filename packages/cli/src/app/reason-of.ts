/**
 * What an application failed with, in one sentence. Connection strings are what applications fail with when they are loaded
 * without their database, and no password of one is repeated: output of commands ends up in logs.
 */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text
    .replace(/:\/\/[^\s/@]*@/g, '://…@')
    .replace(/\b(password|pwd|secret|accountkey|sharedaccesskey|sig)=[^\s;&]+/gi, '$1=…');
}
