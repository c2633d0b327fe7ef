/** What was done, and how long it took. */
export interface Timed {
  readonly operations: number;
  /** By the clock on the wall. */
  readonly seconds: number;
  /** Processor time of this process, all of its threads: what others do on the machine is not in it. */
  readonly processorSeconds: number;
}

/** Which of the two a rate is taken by. */
export type Clock = 'wall' | 'processor';

export function perSecond({ operations, seconds, processorSeconds }: Timed, clock: Clock): number {
  return operations / (clock === 'wall' ? seconds : processorSeconds);
}

export interface Stopwatch {
  /** By the clock on the wall, so far. */
  seconds(): number;
  stop(operations: number): Timed;
}

export function startStopwatch(): Stopwatch {
  const cpu = process.cpuUsage();
  const started = performance.now();
  const seconds = () => (performance.now() - started) / 1000;
  return {
    seconds,
    stop: (operations) => {
      const elapsed = seconds();
      const { user, system } = process.cpuUsage(cpu);
      return { operations, seconds: elapsed, processorSeconds: (user + system) / 1e6 };
    },
  };
}
