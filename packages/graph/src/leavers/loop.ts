/** Does something again and again: at once while there is more to do or when it is woken, else after a pause. */
export class Loop {
  readonly #step: () => Promise<boolean>;
  readonly #pause: number;
  #running: Promise<void> | undefined;
  #ends = false;
  #woken = false;
  #wake: () => void = () => {};

  /**
   * @param pause milliseconds. The timer does not keep the process alive
   * @param step resolves with whether there is more to do. Must not reject
   */
  constructor(pause: number, step: () => Promise<boolean>) {
    this.#pause = pause;
    this.#step = step;
  }

  start(): void {
    this.#ends = false;
    this.#running ??= this.#run();
  }

  /** There may be something to do. */
  wake(): void {
    this.#woken = true;
    this.#wake();
  }

  /** Ends it, after the step of this moment. */
  async stop(): Promise<void> {
    this.#ends = true;
    this.#wake();
    await this.#running;
    this.#running = undefined;
  }

  async #run(): Promise<void> {
    while (!this.#ends) {
      this.#woken = false;
      if (await this.#step()) continue;
      if (!this.#woken && !this.#ends) await this.#wait();
    }
  }

  #wait(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, this.#pause);
      timer.unref();
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
