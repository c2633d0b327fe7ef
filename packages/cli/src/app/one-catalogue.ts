import { type ApplicationManifest, placeholdersIn } from '@entra-guard/catalogue';
import type { Catalogue } from '@entra-guard/core';
import { BadInputError } from '../bad-input.js';
import type { InspectedApp } from './inspected-app.js';
import { STAND_IN } from './stand-in-options.js';

/** The catalogue that a command is about, and its manifest. */
export interface ChosenCatalogue {
  readonly catalogue: Catalogue;
  readonly manifest: ApplicationManifest;
}

/**
 * The catalogue of an API; the only one there is where none is named.
 *
 * @throws BadInputError where there is none, it is not clear which, or placeholders stand in it
 */
export function oneCatalogue(
  { inventory, manifests }: InspectedApp,
  api: string | undefined,
): ChosenCatalogue {
  const all = inventory.catalogues.flatMap((catalogue, index) => {
    const manifest = manifests[index];
    return manifest === undefined ? [] : [{ catalogue, manifest }];
  });
  const list = all.map(({ catalogue }) => catalogue.api).join(', ');
  if (all.length === 0) {
    throw new BadInputError(
      'The application has no catalogue: nothing in it was made with definePermissions.',
      'Write one, "entra-guard permissions init" begins it; or name the module that exports it: --catalogue dist/permissions.js.',
    );
  }
  const found = api === undefined ? all : all.filter(({ catalogue }) => catalogue.api === api);
  const [one, second] = found;
  if (one === undefined) {
    throw new BadInputError(`There is no catalogue of ${api}.`, `There is ${list}.`);
  }
  if (second !== undefined) {
    throw new BadInputError(`There are catalogues of ${list}.`, 'Say which: --api <application ID URI>.');
  }
  if (Object.values(STAND_IN).some((part) => typeof part === 'string' && one.catalogue.api.includes(part))) {
    throw new BadInputError(
      `The catalogue is of ${one.catalogue.api}, which is made of the IDs that stand in where none are set.`,
      "Set ENTRA_GUARD_CLIENT_ID to the API's application (client) ID, or write the application ID URI into definePermissions.",
    );
  }
  const places = placeholdersIn(one.catalogue).filter(({ registered }) => registered);
  if (places.length > 0) {
    const said = places.map(({ place, value }) => `${place} is '${value}'`).join('; ');
    throw new BadInputError(
      `The catalogue is not finished: ${said}.`,
      'Say in definePermissions what only you know: a registration must not hold what stands for something else. The api is the application ID URI, "Expose an API" in the app registration.',
    );
  }
  return one;
}
