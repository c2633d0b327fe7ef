import { guardedBy } from '../recognise/guarded.js';
import type { Project } from '../recognise/project.js';
import type { Identifiers } from './identifiers.js';
import type { InitPlan } from './init-plan.js';
import { planExpress } from './plan-express.js';
import { planNest } from './plan-nest.js';
import { hasPassport, planPassport } from './plan-passport.js';

/**
 * Plans what guards a service on Express or NestJS. A service that is guarded is left as it is.
 *
 * @param inspector a file of this package
 * @throws BadInputError where a file that would be written is there already
 */
export async function planService(
  project: Project,
  identifiers: Identifiers,
  inspector: string,
): Promise<InitPlan> {
  if (hasPassport(project)) return planPassport(project, inspector);
  const guarded = guardedBy(project.sources);
  if (guarded !== undefined) return alreadyGuarded(project, guarded.path);
  return project.framework.name === 'nestjs'
    ? planNest(project, identifiers)
    : planExpress(project, identifiers);
}

function alreadyGuarded({ folder, packageManager }: Project, path: string): InitPlan {
  return {
    folder,
    found: `a service that is guarded already: ${path} uses the guard`,
    changes: [],
    packageManager,
    install: { packages: [], development: [] },
    byHand: [],
    notes: [],
    test: undefined,
    readsEnvironment: true,
  };
}
