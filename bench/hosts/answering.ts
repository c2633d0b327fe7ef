import type { Answer } from '../engine/child.js';

/** Answers the questions of the process that started this one, one at a time, and ends with it. */
export function answer(questions: { readonly [name: string]: (question: never) => unknown }): void {
  process.on('message', async (message) => {
    const { name, question } = message as { readonly name: string; readonly question: never };
    process.send?.(await answerOne(questions[name], question));
  });
  process.on('disconnect', () => process.exit());
}

async function answerOne(
  handle: ((question: never) => unknown) | undefined,
  question: never,
): Promise<Answer> {
  try {
    if (handle === undefined) throw new Error('nobody knows how to do that');
    return { value: (await handle(question)) ?? null };
  } catch (error) {
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
