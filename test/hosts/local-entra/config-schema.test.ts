import { join } from 'node:path';
import { LocalEntraError } from '@entra-guard/testing';
import { readLocalConfig } from '@entra-guard/testing/local';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { Agents } from '../../../packages/testing/src/directory/agents.js';
import { Apps } from '../../../packages/testing/src/directory/apps.js';
import { Groups } from '../../../packages/testing/src/directory/groups.js';
import { ManagedIdentities } from '../../../packages/testing/src/directory/managed-identities.js';
import { People } from '../../../packages/testing/src/directory/people.js';
import { configSchema } from '../../../packages/testing/src/local/config-shape.js';

import { fileOf } from '../../support/printed-page.js';

const FILE = 'packages/testing/local-config.schema.json';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly enum?: readonly unknown[];
  readonly pattern?: string;
  readonly minimum?: number;
}

/** Texts of which one fits each pattern of the schema. */
const texts = [
  'x',
  '00001111-aaaa-2222-bbbb-3333cccc4444',
  '2030-01-31T00:00:00Z',
  '-----BEGIN CERTIFICATE-----',
];

/** Values of every kind, most of which do not fit. */
const others: readonly unknown[] = [
  null,
  true,
  false,
  0,
  -1,
  1,
  1.5,
  2,
  599,
  600,
  86_400,
  86_401,
  65_536,
  '',
  ' ',
  '\n',
  'graph',
  'User',
  'web',
  'idtyp',
  '2030-01-31',
  'BEGIN',
  [],
  [[]],
  [null],
  ['x'],
  ['x', 5],
  {},
  { x: 1 },
  { graph: {} },
  { '': {} },
  { x: {} },
  ...texts,
];

/** A value that a schema accepts, with all its members. */
function whole(schema: Schema): unknown {
  if (schema.anyOf !== undefined) return whole(schema.anyOf.at(-1) as Schema);
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'null') return null;
  if (schema.type === 'integer') return schema.minimum;
  if (schema.type === 'array') return [whole(schema.items as Schema)];
  if (schema.type === 'string') {
    const { pattern = '' } = schema;
    return texts.find((text) => new RegExp(pattern, 'u').test(text));
  }
  const { properties, additionalProperties } = schema;
  if (properties === undefined) return { some: whole(additionalProperties as Schema) };
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, whole(one)]));
}

/** A whole value, in which one place after the other has each of the other values, no value, or one member more. */
function* variants(schema: Schema): Generator<unknown> {
  yield whole(schema);
  yield* others;
  if (schema.anyOf !== undefined) {
    for (const one of schema.anyOf) yield* variants(one);
    return;
  }
  if (schema.items !== undefined) {
    for (const one of variants(schema.items)) yield [one];
    return;
  }
  const { properties = {}, additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    for (const one of variants(additionalProperties)) yield { some: one };
  }
  const required = Object.fromEntries(
    (schema.required ?? []).map((name) => [name, whole(properties[name] as Schema)]),
  );
  if (schema.type === 'object') yield { ...required, unheard: 1 };
  for (const [name, one] of Object.entries(properties)) {
    for (const value of variants(one)) yield { ...required, [name]: value };
    const { [name]: _, ...without } = required;
    yield without;
  }
}

describe('the schema of the configuration file', () => {
  it('is what the package ships', async () => {
    await expect(`${JSON.stringify(configSchema, undefined, 2)}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, '../../..', FILE),
    );
  });

  const configurations = [...variants(configSchema as Schema)];
  const valid = new Ajv({ strict: true }).compile(configSchema);
  const read = (value: unknown): boolean => {
    try {
      readLocalConfig(JSON.stringify(value), 'entra.local.json');
      return true;
    } catch (error) {
      expect(error).toBeInstanceOf(LocalEntraError);
      return false;
    }
  };

  it('accepts and refuses what the command does, member by member', { timeout: 60_000 }, () => {
    const differ = configurations.filter((value) => valid(value) !== read(value));
    expect(differ.map((value) => JSON.stringify(value))).toEqual([]);
    const accepted = configurations.filter((value) => valid(value)).length;
    expect(accepted).toBeGreaterThan(200);
    expect(configurations.length - accepted).toBeGreaterThan(2000);
  });

  it('lets nothing pass on which startEntra fails without saying why', { timeout: 60_000 }, () => {
    for (const value of configurations) {
      if (!valid(value)) continue;
      const options = readLocalConfig(JSON.stringify(value), 'entra.local.json');
      try {
        const apps = new Apps(options.apps);
        new People(options.users);
        new Groups(options.groups, (user) => user);
        new ManagedIdentities(apps, options.managedIdentities);
        new Agents(apps, options.agents);
      } catch (error) {
        expect(error).toBeInstanceOf(LocalEntraError);
      }
    }
    expect.hasAssertions();
  });

  it('accepts the example of the guide, and the guide shows what a typing error is answered', () => {
    const page = fileOf('docs/local-entra.md');
    const example = /```json\n([^`]*)```/.exec(page)?.[1] ?? '';
    expect(valid(JSON.parse(example))).toBe(true);
    expect(Object.keys(readLocalConfig(example, 'entra.local.json'))).toContain('managedIdentities');
    const shown = /```text\nerror: (.*) manifest, clientId, … (Did you mean .*)\n/.exec(page);
    const message = (() => {
      try {
        return readLocalConfig(example.replace('"scopes"', '"scope"'), 'entra.local.json');
      } catch (error) {
        return (error as Error).message;
      }
    })();
    expect(message).toContain(shown?.[1]);
    expect(message).toContain(shown?.[2]);
  });
});
