import type { Project } from '../recognise/project.js';
import type { Installation } from './init-plan.js';

/** Leaves out packages that the service depends on already. A range after the name, as in `express@^4.21.2`, asks for another version. */
export function missingPackages(
  { manifest: { dependencies } }: Project,
  { packages, development }: Installation,
): Installation {
  const missing = (name: string): boolean => name.indexOf('@', 1) > 0 || !dependencies.has(name);
  return { packages: packages.filter(missing), development: development.filter(missing) };
}
