import type { Manifest } from './manifest.js';

export type TestRunner = 'jest' | 'vitest' | 'node';

/** The test runner of a project: the one that its script `test` names, or else that is installed. */
export function recogniseTestRunner({ dependencies, scripts }: Manifest): TestRunner | undefined {
  const script = scripts.test ?? '';
  const named = (['vitest', 'jest'] as const).find((runner) => new RegExp(`\\b${runner}\\b`).test(script));
  if (named !== undefined) return named;
  if (/\bnode\b.*--test\b/.test(script)) return 'node';
  return (['vitest', 'jest'] as const).find((runner) => dependencies.has(runner));
}
