/** Blank text, or text of invisible characters. */
const BLANK = /^[\s\p{C}]*$/u;

/**
 * Placeholders for a missing identifier. Azure AD B2C writes "Not supported currently. Use oid claim." into `sub` if a
 * user flow emits none (B2C: configure tokens). The others come from unset variables, empty columns and unresolved
 * claim resolvers of custom policies.
 */
const PLACEHOLDER =
  /^(?:not (?:supported|available|applicable|set|specified)\b.*|undefined|null|nil|none|nan|n\/?a|unknown|empty|anonymous|\[object .*\]|\{.*\}|[0-]+|f{8}(?:-f{4}){3}-f{12})$/is;

/** Returns the identifier in a claim; `undefined` if it is absent, blank, or a placeholder that many callers may share. */
export function identifier(value: unknown): string | undefined {
  if (typeof value !== 'string' || BLANK.test(value) || PLACEHOLDER.test(value.trim())) return undefined;
  return value;
}
