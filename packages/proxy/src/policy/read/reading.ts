import type { PolicyProblem } from '../policy-error.js';
import type { Located } from './located.js';

/** One file that is being read, and what is wrong with it so far. */
export class Reading {
  readonly file: string;
  readonly text: string;
  readonly #problems: { readonly at: number; readonly problem: PolicyProblem }[] = [];

  constructor(file: string, text: string) {
    this.file = file;
    this.text = text;
  }

  /** In the order of the file. */
  get problems(): readonly PolicyProblem[] {
    return [...this.#problems].sort((a, b) => a.at - b.at).map(({ problem }) => problem);
  }

  get failed(): boolean {
    return this.#problems.length > 0;
  }

  /** Notes what is wrong with a value, or with a place in it. */
  note({ member, at }: Pick<Located, 'member' | 'at'>, found: string, expected: string): typeof BAD {
    if (this.#problems.length < MOST_PROBLEMS) {
      const problem = Object.freeze({ file: this.file, ...this.placeOf(at), member, found, expected });
      this.#problems.push({ at, problem });
    }
    return BAD;
  }

  placeOf(at: number): { readonly line: number; readonly column: number } {
    const before = this.text.slice(0, at).split(/\r\n|\r|\n/);
    return { line: before.length, column: (before.at(-1) as string).length + 1 };
  }
}

/** A person repairs so many, and then reads the file again. */
const MOST_PROBLEMS = 50;

/** Stands for a value that was refused; why has been noted. */
export const BAD: unique symbol = Symbol('bad');
