import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import formats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { sbomOf } from '../../scripts/sbom.mjs';
import { packages } from '../../scripts/workspace.mjs';

/** The schemas of CycloneDX 1.6, as the library that writes it has them. */
const schema = (name: string): object =>
  JSON.parse(
    readFileSync(
      new URL(
        `../../node_modules/@cyclonedx/cyclonedx-library/res/schema/${name}.SNAPSHOT.schema.json`,
        import.meta.url,
      ),
      'utf8',
    ),
  );
const ajv = new Ajv({ strict: false, allErrors: true, formats: { 'idn-email': true } });
formats.default(ajv);
for (const name of ['spdx', 'jsf-0.82'])
  ajv.addSchema(schema(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`);
const isBom = ajv.compile(schema('bom-1.6'));

const hash = (text: string) => createHash('sha512').update(text);
const integrities = new Map(packages.map(({ name }) => [name, `sha512-${hash(name).digest('base64')}`]));
const time = new Date('2026-12-01T00:00:00Z');
const byName = (name: string) => packages.find((entry) => entry.name === `@entra-guard/${name}`);
const billOf = (name: string) => JSON.parse(sbomOf(byName(name), integrities, time));

interface Part {
  name: string;
  group?: string;
  version: string;
  purl: string;
  licenses: unknown[];
  externalReferences: { type: string; hashes: { alg: string; content: string }[] }[];
}

describe('the bill of materials', () => {
  it.each(packages.map(({ name }) => name.split('/')[1]))('of %s is CycloneDX 1.6', (name) => {
    const bill = billOf(name);
    expect(bill).toMatchObject({ bomFormat: 'CycloneDX', specVersion: '1.6' });
    expect(isBom(bill) || isBom.errors).toBe(true);
  });

  it('is checked: one with a wrong hash or a part without a name is none', () => {
    const bill = billOf('cli');
    bill.components[0].externalReferences[0].hashes[0].content = 'no hash';
    expect(isBom(bill)).toBe(false);
    const other = billOf('cli');
    delete other.components[0].name;
    expect(isBom(other)).toBe(false);
  });

  it('names the package with the hash of its tarball', () => {
    const { metadata } = billOf('core');
    const { version } = byName('core')?.manifest ?? {};
    expect(metadata.component).toMatchObject({
      group: '@entra-guard',
      name: 'core',
      version,
      purl: `pkg:npm/%40entra-guard/core@${version}`,
      licenses: [{ license: { id: 'MIT' } }],
    });
    const [distribution] = metadata.component.externalReferences;
    expect(distribution.hashes).toEqual([
      { alg: 'SHA-512', content: hash('@entra-guard/core').digest('hex') },
    ]);
  });

  it('of the core names no part', () => {
    expect(billOf('core').components).toEqual([]);
  });

  it('of the codemod names each part that is installed with it, with licence and hash, and what needs what', () => {
    const { components, dependencies } = billOf('codemod');
    const named = components.map(({ group, name }: Part) =>
      group === undefined ? name : `${group}/${name}`,
    );
    expect(named).toEqual(
      expect.arrayContaining(['@babel/parser', '@babel/types', 'commander', 'diff', 'magic-string']),
    );
    for (const { licenses, externalReferences } of components as Part[]) {
      expect(licenses).toHaveLength(1);
      expect(externalReferences[0]?.hashes[0]).toMatchObject({
        alg: 'SHA-512',
        content: expect.stringMatching(/^[\da-f]{128}$/),
      });
    }
    const needs = new Map(
      dependencies.map(({ ref, dependsOn = [] }: { ref: string; dependsOn?: string[] }) => [ref, dependsOn]),
    );
    const parser = components.find(({ name }: Part) => name === 'parser') as Part;
    expect(needs.get(parser.purl)).toEqual([expect.stringContaining('pkg:npm/%40babel/types@')]);
  });

  it('has no part that the application chooses: Express is a peer', () => {
    expect(billOf('express').components.map(({ name }: Part) => name)).toEqual(['core']);
  });

  it('is the same for the same sources, and has another serial number for others', () => {
    expect(sbomOf(byName('cli'), integrities, time)).toBe(sbomOf(byName('cli'), integrities, time));
    const rebuilt = new Map(integrities).set(
      '@entra-guard/cli',
      `sha512-${hash('rebuilt').digest('base64')}`,
    );
    const other = JSON.parse(sbomOf(byName('cli'), rebuilt, time));
    expect(other.serialNumber).not.toBe(billOf('cli').serialNumber);
  });
});
