/** Returns the name that was probably meant: the one with the fewest changed letters, at most a third of them. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const wanted = name.toLowerCase();
  const ranked = names
    .map((known) => ({ known, distance: distance(wanted, known.toLowerCase()) }))
    .filter(({ known, distance: changed }) => changed <= Math.max(1, Math.floor(known.length / 3)))
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.known;
}

/** The Levenshtein distance, row by row. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}
