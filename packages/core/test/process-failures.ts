type Event = 'uncaughtException' | 'unhandledRejection';
const EVENTS: readonly Event[] = ['uncaughtException', 'unhandledRejection'];

/** What would have ended the process while `work` ran and right after it, in place of the test runner's own listeners. */
export async function processFailuresDuring(work: () => Promise<unknown>): Promise<unknown[]> {
  const failures: unknown[] = [];
  const collect = (failure: unknown): void => {
    failures.push(failure);
  };
  const before = EVENTS.map((event) => [event, process.listeners(event as 'uncaughtException')] as const);
  for (const event of EVENTS) process.removeAllListeners(event).on(event, collect);
  try {
    await work();
    // Both are raised from the queues that run before the next turn of the event loop.
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
  } finally {
    for (const [event, listeners] of before) {
      process.removeAllListeners(event);
      for (const listener of listeners) process.on(event, listener);
    }
  }
  return failures;
}
