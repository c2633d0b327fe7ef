import type * as Local from '@entra-guard/testing/local';
import { fromProject } from '../project/project-package.js';
import type { Session } from '../session.js';

/** Starts a local Entra where nothing is installed. */
export const RUN_LOCAL = 'npx -p @entra-guard/cli -p @entra-guard/testing entra-guard local';

/**
 * The local Entra's package, of the project or installed with this command.
 * @throws BadInputError where it is missing
 */
export function localPackage(session: Session): typeof Local {
  return fromProject(session, '@entra-guard/testing/local', RUN_LOCAL);
}
