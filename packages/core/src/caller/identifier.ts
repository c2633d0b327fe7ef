/** Where an identifier belongs and none is: blank, or made of characters that don't show. */
const BLANK = /^[\s\p{C}]*$/u;

/**
 * What stands in the place of an identifier that there is not. "Not supported currently. Use oid claim." is what Azure AD
 * B2C writes for `sub` where a user flow emits none (B2C: configure tokens); the rest is what unset variables, empty
 * columns and claim resolvers of custom policies that were not resolved leave behind.
 */
const PLACEHOLDER =
  /^(?:not (?:supported|available|applicable|set|specified)\b.*|undefined|null|nil|none|nan|n\/?a|unknown|empty|anonymous|\[object .*\]|\{.*\}|[0-]+|f{8}(?:-f{4}){3}-f{12})$/is;

/** The identifier in a claim; `undefined` where it is absent, blank, or a placeholder that many callers may share. */
export function identifier(value: unknown): string | undefined {
  if (typeof value !== 'string' || BLANK.test(value) || PLACEHOLDER.test(value.trim())) return undefined;
  return value;
}
