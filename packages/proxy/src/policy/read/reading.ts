import type { PolicyProblem } from '../policy-error.js';
import type { Located } from './located.js';

/** One file that is being read, and what is wrong with it so far. */
export class Reading {
  readonly file: string;
  readonly text: string;
  readonly #problems: { readonly at: number; readonly problem: PolicyProblem }[] = [];

  /** Where each line begins. */
  readonly #lines: readonly number[];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
    this.#lines = [0, ...[...text.matchAll(/\r\n|\r|\n/g)].map((end) => end.index + end[0].length)];
  }

  /** In the order of the file. */
  get problems(): readonly PolicyProblem[] {
    return [...this.#problems].sort((a, b) => a.at - b.at).map(({ problem }) => problem);
  }

  get failed(): boolean {
    return this.#problems.length > 0;
  }

  /** Whether further problems are not kept, so that it is not worth looking for them. */
  get full(): boolean {
    return this.#problems.length >= MOST_PROBLEMS;
  }

  /** Notes what is wrong with a value, or with a place in it. */
  note({ member, at }: Pick<Located, 'member' | 'at'>, found: string, expected: string): typeof BAD {
    if (!this.full) {
      const problem = Object.freeze({ file: this.file, ...this.placeOf(at), member, found, expected });
      this.#problems.push({ at, problem });
    }
    return BAD;
  }

  placeOf(at: number): { readonly line: number; readonly column: number } {
    let [low, high] = [0, this.#lines.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#lines[middle] as number) <= at) low = middle;
      else high = middle;
    }
    return { line: low + 1, column: at - (this.#lines[low] as number) + 1 };
  }
}

/** A person repairs so many, and then reads the file again. */
const MOST_PROBLEMS = 50;

/** Stands for a value that was refused; why has been noted. */
export const BAD: unique symbol = Symbol('bad');
