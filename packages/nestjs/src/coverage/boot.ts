/** How the start of the application comes out; what opens before it is over waits for it. */
export class Boot {
  readonly #over: Promise<void>;
  #succeed: () => void = () => {};
  #fail: (reason: unknown) => void = () => {};

  constructor() {
    this.#over = new Promise((resolve, reject) => {
      this.#succeed = resolve;
      this.#fail = reject;
    });
    // Nobody may be waiting, and a refused start is reported by who starts.
    this.#over.catch(() => {});
  }

  /** The application is covered. */
  succeed(): void {
    this.#succeed();
  }

  /** The application does not start. */
  fail(reason: unknown): void {
    this.#fail(reason);
  }

  /** Resolves once the application is found to be covered; rejects where it does not start. */
  over(): Promise<void> {
    return this.#over;
  }
}
