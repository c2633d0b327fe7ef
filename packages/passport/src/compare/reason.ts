const LONGEST = 300;
/** Matches a JWT, also a cut one, by its JSON object in base64url; and any other long run of base64url letters. */
const TOKEN = /eyJ[\w-]{8,}[\w.-]*|[\w-]{40,}[\w.-]*/g;

/** Returns the reason of another strategy for an event: one short line, without anything that looks like a token. */
export function reasonOf(said: unknown): string | undefined {
  const text = said instanceof Error ? said.message : said;
  if (typeof text !== 'string' || text === '') return undefined;
  return text
    .slice(0, 10_000)
    .replace(TOKEN, '(token)')
    .replace(/[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu, '?')
    .slice(0, LONGEST);
}
