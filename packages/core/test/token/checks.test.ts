import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { explain } from '@entra-guard/core';
import { describe, expect, it } from 'vitest';
import {
  API,
  documents,
  NOW,
  signed,
  TENANT,
  tenantPages,
  userClaims,
} from '../../../../test/support/forger.js';
import { CHECKS } from '../../src/token/checks.js';

const root = join(import.meta.dirname, '../../../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const fileOf = (name: string): string => name.replaceAll('_', '-');
const names = CHECKS.map(([name]) => name);

describe.each(CHECKS.map(([name, , codes]) => [name, codes] as const))('the check %s', (name, codes) => {
  it('is a file of its own', () => {
    expect(read(`packages/core/src/token/checks/${fileOf(name)}.ts`)).toContain('export function check');
  });

  it('has a test file, which shows each of its codes and a token that is accepted', () => {
    const tests = read(`packages/core/test/checks/${fileOf(name)}.test.ts`);
    for (const code of [...codes, 'accepted']) expect(tests).toContain(`'${code}'`);
  });
});

it('each check stands in docs/tokens.md, in this order', () => {
  const rows = [
    ...read('docs/tokens.md').matchAll(/^\| `([a-z_]+)` \|.*test\/checks\/([a-z-]+)\.test\.ts/gm),
  ];
  const listed = rows.filter(([, name]) => name !== 'form' && name !== 'signature');
  expect(listed.map(([, name]) => name)).toEqual(names);
  expect(listed.map(([, , file]) => file)).toEqual(names.map(fileOf));
});

it('explain runs them in this order, policies only for B2C', async () => {
  const { fetch } = documents(tenantPages());
  const options = { tenantId: TENANT, clientId: API, fetch, now: () => NOW };
  const findings = await explain(signed(userClaims()), options);
  const checks = findings.map(({ check }) => check);
  expect(checks).toEqual(['form', ...names.filter((name) => name !== 'policy'), 'signing_key', 'signature']);
});

it('they run in a browser: the table and what it imports need nothing of Node', () => {
  const seen = new Set<string>();
  const open = [join(root, 'packages/core/src/token/checks.ts')];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    expect(text, file).not.toMatch(/\bBuffer\.|\bprocess\.[a-z]/);
    for (const [, types, names, target = ''] of text.matchAll(/^import (type )?([^;]*?) ?from '([^']+)'/gm)) {
      const onlyTypes = types !== undefined || /^\{(\s*type \w+,?)+\s*\}$/.test(names ?? '');
      if (onlyTypes) continue;
      expect(target, file).toMatch(/^\./);
      const imported = join(dirname(file), target.replace(/\.js$/, '.ts'));
      expect(existsSync(imported), imported).toBe(true);
      open.push(imported);
    }
  }
  expect(seen.size).toBeGreaterThan(CHECKS.length);
});
