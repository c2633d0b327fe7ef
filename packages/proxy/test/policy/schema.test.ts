import { join } from 'node:path';
import { policySchema } from '@entra-guard/proxy/policy';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { parseYaml } from '../../src/policy/read/parse-yaml.js';
import { policyShape } from '../../src/policy/read/policy-shape.js';
import { BAD, Reading } from '../../src/policy/read/reading.js';
import { CLIENT, HOST, problemsIn, TENANT } from './policy-of.js';

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
  readonly maximum?: number;
}

/** Texts of which one fits each pattern of the schema. */
const texts = [
  'x',
  TENANT,
  'https://portal.contoso.example',
  '15m',
  'Orders.Read',
  '/orders/{id}',
  '*.contoso.example',
  'c1',
  'scope_missing',
];

/** Values of every kind, most of which do not fit. */
const others: readonly unknown[] = [
  ...[
    null,
    true,
    false,
    0,
    1,
    -1,
    1.5,
    1024,
    65_535,
    1_000_001,
    10 ** 12,
    '',
    ' ',
    '\n',
    'x y',
    'any',
    'GET',
    'opaque',
    'overage',
  ],
  ...[
    'any-organization',
    'RS256',
    'assertion',
    'easyauth',
    'public',
    '1',
    '5',
    'c0',
    'true',
    [],
    [[]],
    [null],
    ['x'],
    ['x', 5],
  ],
  ...[{}, { x: 1 }, { '': {} }, { requirement: {} }, { team: 'x' }, { constructor: 1 }],
  ...texts,
];

/** A value that a schema accepts, with all its members. */
function whole(schema: Schema): unknown {
  if (schema.anyOf !== undefined) return whole(schema.anyOf[0] as Schema);
  if (schema.enum !== undefined) return schema.enum[0];
  if (schema.type === 'boolean') return true;
  if (schema.type === 'integer') return schema.minimum;
  if (schema.type === 'array') return [whole(schema.items as Schema)];
  if (schema.type === 'string') return texts.find((text) => new RegExp(schema.pattern ?? '', 'u').test(text));
  const { properties, additionalProperties } = schema;
  if (properties === undefined) {
    if (typeof additionalProperties === 'object') return { some: whole(additionalProperties) };
    return { requirement: 1 };
  }
  return Object.fromEntries(Object.entries(properties).map(([name, one]) => [name, whole(one)]));
}

/** A whole value, in which one place after the other has each of the other values, no value, or one member more. */
function* variants(schema: Schema): Generator<unknown> {
  yield whole(schema);
  yield* others;
  for (const one of schema.anyOf ?? []) yield* variants(one);
  if (schema.items !== undefined) for (const one of variants(schema.items)) yield [one];
  const { properties = {}, additionalProperties } = schema;
  if (typeof additionalProperties === 'object') {
    for (const one of variants(additionalProperties)) yield { some: one };
  }
  const required = Object.fromEntries(
    (schema.required ?? []).flatMap((name) =>
      name in properties ? [[name, whole(properties[name] as Schema)]] : [],
    ),
  );
  if (schema.type === 'object') yield { ...required, unheard: 1 };
  for (const [name, one] of Object.entries(properties)) {
    for (const value of variants(one)) yield { ...required, [name]: value };
    const { [name]: _, ...without } = required;
    yield without;
  }
}

describe('the schema of policy files', () => {
  const ajv = new Ajv({ strict: true, strictRequired: false });
  const valid = ajv.compile(policySchema);

  /** Whether the reader takes the members, whatever it makes of their values afterwards. */
  const isRead = (text: string): boolean => {
    const reading = new Reading('x', text);
    const tree = parseYaml(reading);
    return tree !== undefined && !reading.failed && policyShape.read(tree, reading) !== BAD;
  };

  it('is what the package ships', async () => {
    await expect(`${JSON.stringify(policySchema, undefined, 2)}\n`).toMatchFileSnapshot(
      join(import.meta.dirname, '../../policy.schema.json'),
    );
  });

  it('accepts and refuses what the reader does, member by member', { timeout: 120_000 }, () => {
    const counts = { accepted: 0, refused: 0 };
    const differ: string[] = [];
    const seen = new Set<string>();
    for (const value of variants(policySchema as Schema)) {
      const json = JSON.stringify(value);
      if (seen.has(json)) continue;
      seen.add(json);
      const accepted = valid(value);
      counts[accepted ? 'accepted' : 'refused'] += 1;
      if (accepted !== isRead(json)) differ.push(`${accepted}: ${ajv.errorsText(valid.errors)} ${json}`);
    }
    expect(differ).toEqual([]);
    expect(counts.accepted).toBeGreaterThan(500);
    expect(counts.refused).toBeGreaterThan(3000);
  });

  it('accepts whatever readPolicy accepts, in YAML as in JSON', () => {
    const policy = {
      version: 1,
      entra: [{ tenants: 'any-organization', clientId: CLIENT, cache: false, keys: { timeout: 5 } }],
      apps: {
        a: { host: [HOST, '*.b.example'], rules: [{ path: '/', methods: ['any'], require: "scopes('A')" }] },
      },
      callers: { ada: { user: 'ada', scopes: ['A'] } },
      tests: [{ as: 'ada', host: HOST, GET: '/', allow: true }],
    };
    for (const text of [JSON.stringify(policy), stringify(policy), JSON.stringify(policy, undefined, '\t')]) {
      expect(problemsIn(text)).toEqual([]);
    }
    expect(valid(policy)).toBe(true);
  });

  it('accepts variables wherever texts stand', () => {
    const text = `\${NAME}`;
    const app = {
      host: text,
      upstream: text,
      identity: text,
      rules: [{ path: text, methods: ['GET'], require: text }],
    };
    const policy = { version: 1, entra: { tenantId: text, clientId: text, cloud: text }, apps: { a: app } };
    expect(valid(policy)).toBe(true);
  });
});
