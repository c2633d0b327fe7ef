import type * as ProxyPackage from '@entra-guard/proxy';
import { fromProject } from '../project/project-package.js';
import type { Session } from '../session.js';
import { RUN_WITH_POLICY } from './policy-package.js';

/**
 * The package that decides by policies, of the project or installed with this command.
 *
 * @throws BadInputError where it is missing
 */
export function proxyPackage(session: Session): typeof ProxyPackage {
  return fromProject(session, '@entra-guard/proxy', RUN_WITH_POLICY);
}
