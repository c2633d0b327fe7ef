import { realpath, stat } from 'node:fs/promises';
import { BadInputError } from '../../bad-input.js';
import { type BearerLibrary, recogniseBearerLibraries } from './bearer-library.js';
import { type Framework, recogniseFramework } from './framework.js';
import { type Manifest, readManifest } from './manifest.js';
import { type PackageManager, recognisePackageManager } from './package-manager.js';
import { readSources, type SourceFile } from './source-file.js';
import { recogniseTestRunner, type TestRunner } from './test-runner.js';

/** A service as it was found. */
export interface Project {
  /** Its folder, without links. */
  readonly folder: string;
  readonly manifest: Manifest;
  readonly framework: Framework;
  readonly packageManager: PackageManager;
  /** `undefined` where the service has none. */
  readonly testRunner: TestRunner | undefined;
  readonly libraries: readonly BearerLibrary[];
  readonly sources: readonly SourceFile[];
}

/**
 * Reads a service. Writes nothing and runs nothing of it.
 *
 * @throws BadInputError where the folder holds no service that this command knows
 */
export async function recogniseProject(folder: string): Promise<Project> {
  const kind = await stat(folder).catch(() => undefined);
  if (!kind?.isDirectory()) {
    throw new BadInputError(`${folder} is not a folder.`, 'Name the folder of a service.');
  }
  const root = await realpath(folder);
  const manifest = await readManifest(root);
  return {
    folder: root,
    manifest,
    framework: await recogniseFramework(root, manifest),
    packageManager: recognisePackageManager(root, manifest),
    testRunner: recogniseTestRunner(manifest),
    libraries: recogniseBearerLibraries(manifest),
    sources: await readSources(root),
  };
}
