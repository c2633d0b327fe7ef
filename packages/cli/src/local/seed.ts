import { extname } from 'node:path';
import type { RegistrationManifest } from '@entra-guard/testing';
import { loadCatalogues } from '../app/load-app.js';
import { readApplication } from '../app/read-application.js';
import { BadInputError } from '../bad-input.js';
import type { Session } from '../session.js';

/** An app of the local Entra that is made from a registration. */
export interface Seed {
  readonly name: string;
  readonly manifest: RegistrationManifest;
}

/**
 * Reads a seed: a registration as JSON (`az ad app show`, `entra-guard manifest`), or a module that exports catalogues or the
 * application that has them.
 *
 * @throws BadInputError
 */
export async function seedFrom(session: Session, where: string): Promise<readonly Seed[]> {
  if (extname(where) !== '.json' && where !== '-') {
    return (await loadCatalogues(session, where)).map((manifest) => named(manifest, where));
  }
  const application = await readApplication(session, where);
  if (typeof application === 'object' && application !== null && !Array.isArray(application)) {
    if ('identifierUris' in application || 'api' in application || 'appRoles' in application) {
      return [named(application as RegistrationManifest, where)];
    }
  }
  throw new BadInputError(
    `${where} is not an app registration: it has neither identifierUris nor api nor appRoles.`,
    'Give the output of az ad app show or entra-guard manifest, or a module that exports a catalogue. A configuration file is for --config.',
  );
}

/** Names an app as people do: `orders` for `api://orders` or for the display name "Orders". */
function named(manifest: RegistrationManifest & { readonly displayName?: unknown }, where: string): Seed {
  const uri = manifest.identifierUris?.[0]?.replace(/^\w+:\/\//, '').replace(/\/+$/, '');
  const part = uri?.slice(uri.lastIndexOf('/') + 1);
  const { displayName } = manifest;
  const name =
    part !== undefined && part !== '' && !GUID.test(part)
      ? part
      : typeof displayName === 'string' && displayName !== ''
        ? displayName.toLowerCase().replaceAll(/\s+/g, '-')
        : 'api';
  if (name !== 'graph') return { name, manifest };
  throw new BadInputError(
    `${where} names its API "graph", which is the name of Microsoft Graph.`,
    'Write it into a configuration file under another name: { "apps": { "…": { "manifest": … } } }.',
  );
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
