/** Longer ones are not of people. */
const LONGEST = 2_048;

/**
 * Where a browser goes after a sign-in: a path of the same origin, but not of the sign-in. Anything else becomes `/`: a link to the
 * sign-in must not lead to another site (CWE-601).
 */
export function returnPathOf(given: string | null | undefined, origin: string): string {
  if (typeof given !== 'string' || given.length > LONGEST) return '/';
  // Browsers read "\" as "/", and skip line ends and tabs.
  if (!/^\/(?![/\\])[!-~]*$/.test(given) || given.includes('\\')) return '/';
  if (!URL.canParse(given, origin)) return '/';
  const url = new URL(given, origin);
  if (url.origin !== origin || url.pathname.startsWith('//')) return '/';
  return url.pathname.startsWith('/.entra/') ? '/' : given;
}
