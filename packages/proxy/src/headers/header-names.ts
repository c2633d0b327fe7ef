/** A header's name as servers compare it that take `_` for `-`: in lower case, each `_` as `-`. */
export function normalName(name: string): string {
  const lower = name.toLowerCase();
  return lower.includes('_') ? lower.replaceAll('_', '-') : lower;
}

/** The values of a header in raw headers, whichever way its name is spelled. @param name in its normal form */
export function rawValuesOf(raw: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (normalName(raw[index] as string) === name) values.push(raw[index + 1] as string);
  }
  return values;
}
