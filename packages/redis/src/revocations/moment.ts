/** Something that happens once, and that any number of callers wait for. */
export class Moment {
  readonly #waiting = new Set<() => void>();

  /** Resolves when it has come, and at the latest after so many milliseconds. */
  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#waiting.delete(done);
        resolve();
      };
      const timer = setTimeout(done, milliseconds);
      this.#waiting.add(done);
    });
  }

  /** Ends all waits. */
  come(): void {
    for (const done of this.#waiting) done();
  }
}
