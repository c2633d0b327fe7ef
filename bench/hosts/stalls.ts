/** The longest time for which the event loop did one thing, in milliseconds. */
export interface Stall {
  /** By the wall clock: what else runs on the machine is in it. */
  readonly wall: number;
  /** By the processor time that the process used meanwhile, as far as the wall clock allows. */
  readonly processor: number;
}

const EVERY = 1;

/** Watches the event loop, until it is asked for the longest stall. */
export function watchStalls(): () => Stall {
  let [wall, processor] = [0, 0];
  let [at, used] = [performance.now(), process.cpuUsage()];
  const look = () => {
    const gap = performance.now() - at - EVERY;
    const { user, system } = process.cpuUsage(used);
    wall = Math.max(wall, gap);
    // Threads of the garbage collector may use more than one core.
    processor = Math.max(processor, Math.min(gap, (user + system) / 1000));
    [at, used] = [performance.now(), process.cpuUsage()];
  };
  const timer = setInterval(look, EVERY);
  return () => {
    look();
    clearInterval(timer);
    return { wall, processor };
  };
}
