import { manifestOf, takeInventory } from '@entra-guard/catalogue';
import { BadInputError } from '../bad-input.js';
import { loadPolicy } from '../policy/policy-file.js';
import { policyPackage } from '../policy/policy-package.js';
import type { Session } from '../session.js';
import type { InspectedApp, PathSettings } from './inspected-app.js';

/** What else was said of an application, and does not apply to a policy. */
interface Said {
  readonly catalogues: readonly string[];
  readonly paths: PathSettings;
}

/**
 * Takes the inventory of a policy: its rules are the handlers.
 *
 * @throws BadInputError for options that are for modules, and PolicyError where the file is not a policy
 */
export function policyApp(session: Session, file: string, { catalogues, paths }: Said): InspectedApp {
  if (catalogues.length > 0 || Object.keys(paths).length > 0) {
    throw new BadInputError(
      `${file} is a policy, and ${catalogues.length > 0 ? '--catalogue is' : 'prefixes and versions are'} for modules.`,
      'A policy names its catalogue itself, catalogue: ./permissions.yaml, and has whole paths.',
    );
  }
  const policy = loadPolicy(session, file);
  const handlers = policyPackage(session).rulesIn(policy);
  const inventory = takeInventory(handlers, {
    catalogues: policy.catalogue === undefined ? [] : [policy.catalogue],
  });
  return {
    framework: 'policy',
    name: `${file} ${policy.digest}`,
    inventory,
    manifests: inventory.catalogues.map((catalogue) => manifestOf(catalogue, { handlers })),
    notes: [],
  };
}
