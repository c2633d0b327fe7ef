const LONGEST = 300;
/** A JWT, whole or cut: it begins with a JSON object in base64url; or any other long run of such letters. */
const TOKEN = /eyJ[\w-]{8,}[\w.-]*|[\w-]{40,}[\w.-]*/g;

/** What another strategy said, fit for an event: one line, bounded, and nothing in it that looks like a token. */
export function reasonOf(said: unknown): string | undefined {
  const text = said instanceof Error ? said.message : said;
  if (typeof text !== 'string' || text === '') return undefined;
  return text
    .slice(0, 10_000)
    .replace(TOKEN, '(token)')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?')
    .slice(0, LONGEST);
}
