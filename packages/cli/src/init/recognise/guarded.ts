import { isTest, type SourceFile } from './source-file.js';

const OWN = /(^|\/)entra-(guard|permissions)\.[cm]?[jt]s$/;
const GUARD =
  /['"](?:\.{1,2}\/(?:[^'"]*\/)?entra-guard(?:\.[cm]?[jt]s)?|@entra-guard\/(?:express|nestjs))['"]/;

/** The first file that uses a guard: one of an earlier run, or one that was set up by hand. */
export function guardedBy(sources: readonly SourceFile[]): SourceFile | undefined {
  return sources.find((file) => !isTest(file) && !OWN.test(file.path) && GUARD.test(file.text));
}
