import type * as PolicyPackage from '@entra-guard/proxy/policy';
import { fromProject } from '../project/project-package.js';
import type { Session } from '../session.js';

/** Runs a command on a policy where nothing is installed. */
export const RUN_WITH_POLICY = 'npx -p @entra-guard/cli -p @entra-guard/proxy entra-guard';

/** Runs the tests of a policy where nothing is installed. */
export const RUN_POLICY_TEST =
  'npx -p @entra-guard/cli -p @entra-guard/proxy -p @entra-guard/testing entra-guard policy test';

/**
 * The package that reads policies, of the project or installed with this command.
 *
 * @throws BadInputError where it is missing
 */
export function policyPackage(session: Session): typeof PolicyPackage {
  return fromProject(session, '@entra-guard/proxy/policy', RUN_WITH_POLICY);
}
