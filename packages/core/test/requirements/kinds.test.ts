import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import * as core from '../../src/index.js';
import { KINDS } from '../../src/requirements/kinds.js';
import { user } from '../callers.js';
import { configurationSentence } from '../refusals.js';

const kinds = Object.entries(KINDS);

describe('a kind of requirement', () => {
  it.each(kinds)('%s is in the registry by its own name, which is that of its builder', (name, kind) => {
    expect(kind.name).toBe(name);
    expect(core).toHaveProperty(name, expect.any(Function));
  });
});

describe('the page on requirements has each kind in a table', () => {
  const page = readFileSync(join(import.meta.dirname, '../../../../docs/requirements.md'), 'utf8');
  const section = (title: string): string => page.split(/^## /m).find((part) => part.startsWith(title)) ?? '';
  const rows = (title: string): readonly string[][] =>
    [...section(title).matchAll(/^\|(.*)\|$/gm)].map(([, row]) =>
      (row as string).split('|').map((cell) => cell.trim()),
    );
  const tables = { grant: rows('Grants'), anonymous: rows('Grants'), narrowing: rows('Narrowings') };
  const rowOf = (name: string, role: keyof typeof tables) =>
    tables[role].find(([first]) => first?.includes(`\`${name}(`));

  it.each(kinds)('%s', (name, { role, claims }) => {
    const row = rowOf(name, role);
    expect(row, 'a row of its own').toBeDefined();
    if (role !== 'narrowing') return;
    const named = [...(row?.[2] ?? '').matchAll(/`([a-z_]+)`/g)].map(([, claim]) => claim as string);
    expect(new Set(named.filter((claim) => claim !== 'groups'))).toEqual(new Set(claims));
  });

  it('and nothing else', () => {
    const named = Object.values(tables)
      .flat()
      .flatMap(([first]) => [...(first ?? '').matchAll(/`([A-Za-z]+)\(/g)].map(([, name]) => name as string));
    expect(new Set(named)).toEqual(
      new Set([...kinds.map(([name]) => name), 'allOf', 'anyOf', 'tighten', 'whenAgent']),
    );
  });
});

describe('a kind that only a later version of the package knows', () => {
  /** As another copy of the package makes it. */
  const foreign = (node: object): core.Grant =>
    Object.create(core.scopes('A'), { node: { value: node }, role: { value: 'grant' } });

  it.each<[string, object]>([
    ['alone', { kind: 'later' }],
    ['as a narrowing', { kind: 'allOf', of: [{ kind: 'scopes', values: ['A'] }, { kind: 'later' }] }],
    ['by the name of a member of every object', { kind: 'constructor' }],
  ])('lets no caller in: %s', (_, node) => {
    const evaluate = () => core.evaluate(foreign(node), user({ scp: 'A' }));
    expect(configurationSentence(evaluate)).toContain('no kind of requirement');
  });
});
