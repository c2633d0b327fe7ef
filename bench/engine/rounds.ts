/** Samples by contender, one a round. */
export type Samples<Name extends string = string> = ReadonlyMap<Name, readonly number[]>;

/** How many rounds there are. */
export interface Rounds {
  /** Those that are thrown away: the engine is still compiling, and who has more code takes longer. */
  readonly before: number;
  readonly counted: number;
}

/**
 * Measures every contender once a round, each round beginning with another one, so that neither a busy minute nor the
 * neighbour before it weighs on the same contender always.
 */
export async function interleaved<Name extends string>(
  contenders: readonly Name[],
  { before, counted }: Rounds,
  measure: (contender: Name, round: number) => Promise<number>,
): Promise<Samples<Name>> {
  const samples = new Map<Name, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round < before + counted; round++) {
    for (const contender of rotated(contenders, round)) {
      const sample = await measure(contender, round);
      if (round >= before) samples.get(contender)?.push(sample);
    }
  }
  return samples;
}

export function rotated<Item>(items: readonly Item[], by: number): readonly Item[] {
  const start = items.length === 0 ? 0 : by % items.length;
  return [...items.slice(start), ...items.slice(0, start)];
}

/** A contender's samples. */
export function samplesOf<Name extends string>(samples: Samples<Name>, contender: Name): readonly number[] {
  const found = samples.get(contender);
  if (found === undefined) throw new Error(`${contender} was not measured.`);
  return found;
}
