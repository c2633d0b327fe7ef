/** The outcome of the check at boot. Connections that open before it wait for it. */
export class Boot {
  readonly #over: Promise<void>;
  #succeed: () => void = () => {};
  #fail: (reason: unknown) => void = () => {};

  constructor() {
    this.#over = new Promise((resolve, reject) => {
      this.#succeed = resolve;
      this.#fail = reject;
    });
    // No connection may be waiting. NestJS reports the error of a failed start.
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
