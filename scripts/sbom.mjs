// Writes what a package is made of as CycloneDX 1.6 JSON, from the installed tree, the lockfile and the tarballs: no network.
// What the application chooses itself, such as Express and other peer dependencies, is not part of a package.
import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { Enums, Models, Serialize, SPDX, Spec } from '@cyclonedx/cyclonedx-library';
import { dependenciesOf } from './dependencies.mjs';

const { name: toolName, version: toolVersion } = createRequire(import.meta.url)(
  '@cyclonedx/cyclonedx-library/package.json',
);
const serializer = new Serialize.JsonSerializer(new Serialize.JSON.Normalize.Factory(Spec.Spec1dot6));

/**
 * The bill of materials of a package, as text. `integrities` maps the names of all packed packages to the hashes of their
 * tarballs, as in `sha512-…`. `time` is a `Date`: with the time of the commit, the same sources give the same text.
 */
export function sbomOf(entry, integrities, time) {
  const { name, manifest } = entry;
  const { needs, all } = dependenciesOf(entry);
  const itself = { name, version: manifest.version, manifest, integrity: integrities.get(name) };
  const parts = all.map((part) => ({ ...part, integrity: part.integrity ?? integrities.get(part.name) }));

  const components = new Map([itself, ...parts].map((part) => [idOf(part), component(part)]));
  for (const [id, targets] of [[idOf(itself), needs], ...all.map((part) => [idOf(part), part.needs])]) {
    for (const target of targets) components.get(id).dependencies.add(components.get(target).bomRef);
  }
  const [main, ...others] = components.values();
  const tool = new Models.Component(Enums.ComponentType.Library, toolName, { version: toolVersion });
  const bom = new Models.Bom({
    metadata: new Models.Metadata({
      timestamp: time,
      component: main,
      tools: new Models.Tools({ components: new Models.ComponentRepository([tool]) }),
      lifecycles: new Models.LifecycleRepository([Enums.LifecyclePhase.Build]),
    }),
    components: new Models.ComponentRepository(others),
  });
  bom.serialNumber = serialNumber(serializer.serialize(bom, { sortLists: true }));
  return `${serializer.serialize(bom, { sortLists: true, space: 2 })}\n`;
}

const idOf = ({ name, version }) => `${name}@${version}`;

function component({ name, version, manifest, integrity }) {
  const [group, local] = name.startsWith('@') ? name.split('/') : [undefined, name];
  const purl = `pkg:npm/${name.replace('@', '%40')}@${version.replaceAll('+', '%2B')}`;
  const { license, description } = manifest;
  if (typeof license !== 'string')
    throw new Error(`${name}@${version} names no license in its package.json.`);
  const one = new Models.Component(Enums.ComponentType.Library, local, {
    group,
    version,
    description,
    purl,
    bomRef: purl,
    licenses: new Models.LicenseRepository([
      SPDX.isSupportedSpdxId(license)
        ? new Models.SpdxLicense(license)
        : new Models.LicenseExpression(license),
    ]),
  });
  if (integrity !== undefined) {
    const [algorithm, hash] = integrity.split(/-(.*)/s);
    const file = `https://registry.npmjs.org/${name}/-/${local}-${version}.tgz`;
    one.externalReferences.add(
      new Models.ExternalReference(file, Enums.ExternalReferenceType.Distribution, {
        hashes: new Models.HashDictionary([
          [algorithm.replace('sha', 'SHA-'), Buffer.from(hash, 'base64').toString('hex')],
        ]),
      }),
    );
  }
  return one;
}

/** A UUID of version 8 (RFC 9562, section 5.8) that is made of the content. */
function serialNumber(text) {
  const hex = createHash('sha256').update(text).digest('hex').split('');
  hex[12] = '8';
  hex[16] = '89ab'[Number.parseInt(hex[16], 16) % 4];
  const groups = [8, 4, 4, 4, 12].map((length) => hex.splice(0, length).join(''));
  return `urn:uuid:${groups.join('-')}`;
}
