/** How engines say that something of the platform is not there: `Request is not defined`, `globalThis.fetch is not a function`. */
const GAP =
  /\b(fetch|Request|Response|Headers|AbortController|AbortSignal|ReadableStream|structuredClone)\b is not (defined|a function|a constructor)/;

/** What to do where a fetch failed for want of a part of the platform, and not of the network; else `undefined`. */
export function platformGap(failure: string | undefined): string | undefined {
  const missing = GAP.exec(failure ?? '')?.[1];
  if (missing === undefined) return undefined;
  return `The network was not asked: this environment has no global ${missing}, which Node has. Jest has it from version 28 on, with testEnvironment 'node'; jsdom hides it ("@jest-environment node" at the top of the file). Where it is hidden on purpose, give the option fetch.`;
}
