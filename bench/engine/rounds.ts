/** Samples by contender, one a round. */
export type Samples<Name extends string = string> = ReadonlyMap<Name, readonly number[]>;

/**
 * Measures every contender once a round, each round beginning with another one, so that neither a busy minute nor the
 * neighbour before it weighs on the same contender always. A first round is thrown away: the engine is still compiling.
 */
export async function interleaved<Name extends string>(
  contenders: readonly Name[],
  rounds: number,
  measure: (contender: Name, round: number) => Promise<number>,
): Promise<Samples<Name>> {
  const samples = new Map<Name, number[]>(contenders.map((contender) => [contender, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const contender of rotated(contenders, round)) {
      const sample = await measure(contender, round);
      if (round > 0) samples.get(contender)?.push(sample);
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
