/** Names that were met, and their normal form: clients send the same few. Bounded, as clients choose them. */
const met = new Map<string, string>();
const MOST_MET = 1_000;
const LONGEST_MET = 64;

/** A header's name as servers compare it that take `_` for `-`: in lower case, each `_` as `-`. */
export function normalName(name: string): string {
  const known = met.get(name);
  if (known !== undefined) return known;
  const normal = name.toLowerCase().replaceAll('_', '-');
  if (met.size < MOST_MET && name.length <= LONGEST_MET) met.set(name, normal);
  return normal;
}

/** The values of a header in raw headers, whichever way its name is spelled. @param name in its normal form */
export function rawValuesOf(raw: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (normalName(raw[index] as string) === name) values.push(raw[index + 1] as string);
  }
  return values;
}
