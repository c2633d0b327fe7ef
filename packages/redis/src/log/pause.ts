/** Waits, without keeping the process alive, until the time is over or {@link Pause.end} is called. */
export class Pause {
  #end: () => void = () => {};

  wait(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      timer.unref();
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the wait of this moment. */
  end(): void {
    this.#end();
  }
}
