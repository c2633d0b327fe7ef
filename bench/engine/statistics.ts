/** The middle of some samples and the half of them around it. */
export interface Spread {
  readonly median: number;
  /** The lower quartile: a quarter of the samples lie below. */
  readonly q1: number;
  /** The upper quartile. */
  readonly q3: number;
  readonly least: number;
  readonly most: number;
  readonly samples: number;
}

/**
 * The value below which a share of the samples lies, interpolated between neighbours (R's type 7, as NumPy does).
 *
 * @param share between 0 and 1
 */
export function quantile(samples: readonly number[], share: number): number {
  if (samples.length === 0) throw new Error('There are no samples to take a quantile of.');
  const sorted = [...samples].sort((a, b) => a - b);
  const position = (sorted.length - 1) * share;
  const lower = sorted[Math.floor(position)] as number;
  const upper = sorted[Math.ceil(position)] as number;
  return lower + (upper - lower) * (position - Math.floor(position));
}

export function spreadOf(samples: readonly number[]): Spread {
  return {
    median: quantile(samples, 0.5),
    q1: quantile(samples, 0.25),
    q3: quantile(samples, 0.75),
    least: quantile(samples, 0),
    most: quantile(samples, 1),
    samples: samples.length,
  };
}

/**
 * The ratios of two contenders, round by round. Both were measured within seconds of each other, so that what slows the
 * machine down for a while slows both, and their ratio stays.
 */
export function ratioOf(samples: readonly number[], others: readonly number[]): Spread {
  if (samples.length !== others.length) {
    throw new Error(`There are ${samples.length} rounds of one and ${others.length} of the other.`);
  }
  return spreadOf(samples.map((sample, round) => sample / (others[round] as number)));
}
