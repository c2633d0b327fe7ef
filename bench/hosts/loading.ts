import { createRequire } from 'node:module';
import { startStopwatch, type Timed } from '../engine/stopwatch.js';
import { answer } from './answering.js';

/** How long it took to load some packages after another one, and what the process is then. */
export interface Loaded {
  readonly timed: Timed;
  /** All of its resident memory, in bytes. */
  readonly resident: number;
}

const require = createRequire(import.meta.url);

const questions = {
  load: ({ first, packages }: { readonly first: string; readonly packages: readonly string[] }): Loaded => {
    require(first);
    const watch = startStopwatch();
    for (const name of packages) require(name);
    return { timed: watch.stop(1), resident: process.memoryUsage.rss() };
  },
};

export type LoadingQuestions = typeof questions;
answer(questions);
