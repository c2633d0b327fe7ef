import { createRequire } from 'node:module';
import { BadInputError } from '../../bad-input.js';
import type { Project } from '../recognise/project.js';
import type { InitPlan } from './init-plan.js';

/** Whether the strategy of passport-azure-ad, or the one that replaces it, guards the service: then no second guard is put in front. */
export const hasPassport = ({ libraries, manifest }: Project): boolean =>
  libraries.some(({ name }) => name === 'passport-azure-ad') ||
  manifest.dependencies.has('@entra-guard/passport');

/**
 * Plans the move from passport-azure-ad to `@entra-guard/passport`, by the codemod.
 *
 * @param inspector a file of this package, next to which the core is found: `@entra-guard/passport` has the version of the core
 */
export async function planPassport(project: Project, inspector: string): Promise<InitPlan> {
  const { planMove } = await import('@entra-guard/codemod/plan');
  const { version } = createRequire(inspector)('@entra-guard/core/package.json') as {
    readonly version: string;
  };
  const move = await planMove(project.folder, ['.'], version).catch((error: unknown) => {
    // What the codemod says is wrong is what is wrong here.
    const { message, hint } = error as { readonly message: string; readonly hint?: string };
    throw hint === undefined ? error : new BadInputError(message, hint);
  });
  const shown = ({ file, line, message, hint }: (typeof move.findings)[number]): string =>
    `${file}:${line}: ${message} ${hint}`;
  const changes = move.changes.map(({ file, after }) => ({ path: file.shown, before: file.text, after }));
  return {
    folder: project.folder,
    found:
      'passport-azure-ad, which is archived: its BearerStrategy is replaced by that of @entra-guard/passport',
    changes,
    packageManager: project.packageManager,
    // The codemod has changed the dependencies in package.json.
    install: { packages: [], development: [] },
    byHand: move.findings.filter(({ level }) => level === 'by-hand').map(shown),
    notes: [
      ...move.findings.filter(({ level }) => level === 'note').map(shown),
      'docs/migrate-from-passport-azure-ad.md has the rest of the way.',
    ],
    test: undefined,
    readsEnvironment: false,
  };
}
