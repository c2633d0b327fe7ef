type Members = Readonly<Record<string, unknown>>;

/**
 * Adds a claims request to another one, as MSAL does: authentication contexts are joined, other members are replaced.
 *
 * @param claims the `claims` parameter, JSON text
 * @returns JSON text
 */
export function mergedClaims(claims: string | undefined, demand: Members): string {
  const before = claims === undefined || claims === '' ? {} : membersOf(JSON.parse(claims));
  const own = membersOf(before.access_token);
  const added = membersOf(demand.access_token);
  const contexts = [...new Set([...valuesOf(own.acrs), ...valuesOf(added.acrs)])];
  const acrs = contexts.length === 0 ? {} : { acrs: { essential: true, values: contexts } };
  return JSON.stringify({ ...before, access_token: { ...own, ...added, ...acrs } });
}

function valuesOf(claim: unknown): readonly unknown[] {
  const { value, values } = membersOf(claim);
  if (Array.isArray(values)) return values;
  return value === undefined ? [] : [value];
}

function membersOf(value: unknown): Members {
  return typeof value === 'object' && value !== null ? (value as Members) : {};
}
