/**
 * What is known of the server's clock from the IDs that it gives. Never ahead of it: what is removed by this clock has ended for the
 * server, however wrong the clock of this machine is.
 */
export class ServerClock {
  #time = 0;
  #at = 0;

  /** @param id of a stream's entry: `<milliseconds>-<number>` */
  observe(id: string): void {
    const time = Number.parseInt(id, 10);
    if (!(time > this.now())) return;
    this.#time = time;
    this.#at = performance.now();
  }

  /** In milliseconds since the epoch, or before that while nothing is known. */
  now(): number {
    return this.#time === 0 ? 0 : this.#time + Math.floor(performance.now() - this.#at);
  }
}
