import { type Samples, samplesOf } from './rounds.js';
import type { Figure } from './row.js';
import { ratioOf, type Spread, spreadOf } from './statistics.js';

/** A contender's rounds against another's. */
export function ratio<Name extends string>(samples: Samples<Name>, contender: Name, to: Name): Spread {
  return ratioOf(samplesOf(samples, contender), samplesOf(samples, to));
}

/** Everyone's figures, with their ratio to one of them. */
export function figures<Name extends string>(samples: Samples<Name>, reference: Name): readonly Figure[] {
  return [...samples].map(([contender, values]) => ({
    contender,
    value: spreadOf(values),
    ratio: ratio(samples, contender, reference),
  }));
}

/** The fastest of some, by its median. */
export function fastest<Name extends string>(samples: Samples<Name>, among: readonly Name[]): Name {
  const medians = among.map((name) => ({ name, median: spreadOf(samplesOf(samples, name)).median }));
  const [first, ...others] = medians;
  if (first === undefined) throw new Error('There is nobody to compare with.');
  return others.reduce((best, one) => (one.median > best.median ? one : best), first).name;
}

/** Whether times have changed: a ratio counts when all of it between the quartiles is on one side. */
export function verdict({ q1, q3 }: Spread): 'slower' | 'faster' | 'none' {
  if (q1 > 1) return 'slower';
  return q3 < 1 ? 'faster' : 'none';
}
