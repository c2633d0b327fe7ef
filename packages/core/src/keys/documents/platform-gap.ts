/** How engines report a missing global: `Request is not defined`, `globalThis.fetch is not a function`. */
const GAP =
  /\b(fetch|Request|Response|Headers|AbortController|AbortSignal|ReadableStream|structuredClone)\b is not (defined|a function|a constructor)/;

/** Returns what to change if a fetch failed because a global is missing; `undefined` if it failed for another reason. */
export function platformGap(failure: string | undefined): string | undefined {
  const missing = GAP.exec(failure ?? '')?.[1];
  if (missing === undefined) return undefined;
  return `No request was sent: this environment has no global ${missing}, which Node has. Jest has it from version 28 on, with testEnvironment 'node'; jsdom hides it ("@jest-environment node" at the top of the file). If it is hidden on purpose, set the option fetch.`;
}
