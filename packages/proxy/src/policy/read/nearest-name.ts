/** The name that was probably meant: one that differs in case, or in at most two letters. */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  if (name.length > 40) return undefined;
  const wanted = name.toLowerCase();
  return names
    .map((known) => ({ known, edits: editsBetween(wanted, known.toLowerCase()) }))
    .filter(({ known, edits }) => edits <= 2 && edits < known.length)
    .sort((a, b) => a.edits - b.edits)[0]?.known;
}

/** Levenshtein distance. */
function editsBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const above = row;
    row = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (above[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min(replaced, (above[j] as number) + 1, (row[j - 1] as number) + 1));
    }
  }
  return row[b.length] as number;
}
