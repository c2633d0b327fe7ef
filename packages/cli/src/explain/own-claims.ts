/** What a token says of itself, without prototypes: a member that is not written is not there. */
export type OwnClaims = Readonly<Record<string, unknown>>;

/** The claims of a token, unverified; `undefined` where it holds none that can be read. */
export function ownClaims(token: string): OwnClaims | undefined {
  const [, payload] = token.split('.');
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims)) return undefined;
    return Object.setPrototypeOf(claims, null) as OwnClaims;
  } catch {
    return undefined;
  }
}
