import { expect, it } from 'vitest';
import { packages } from '../../scripts/workspace.mjs';

interface Manifest {
  readonly [kind: string]: Readonly<Record<string, string>> | undefined;
}

const published = packages.map(({ name, manifest }): [string, Manifest] => [name, manifest as Manifest]);

it('there are packages to look at', () => {
  expect(published.map(([name]) => name)).toContain('@entra-guard/express');
});

/** A local Entra gives any caller any token, so that no production install may hold one. */
it.each(published)('%s does not bring the local Entra into a production install', (_, manifest) => {
  for (const kind of ['dependencies', 'peerDependencies', 'optionalDependencies']) {
    expect(Object.keys(manifest[kind] ?? {})).not.toContain('@entra-guard/testing');
  }
});
