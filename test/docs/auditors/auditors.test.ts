import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');
const page = (name: string): string => readFileSync(join(root, 'docs', name), 'utf8');

describe('the threat model', () => {
  const text = page('threat-model.md');

  it('has a section for each package, with what is left', () => {
    const packages = readdirSync(join(root, 'packages')).sort();
    const sections = text.split(/^## /m).slice(1);
    expect(sections.map((section) => section.split('\n')[0]).sort()).toEqual(packages);
    for (const section of sections) expect(section).toMatch(/^Left: \S/m);
  });

  it('names tests that exist, and that hold tests', () => {
    const named = [...text.matchAll(/`((?:packages|test)\/[\w./-]+)`/g)].map(([, path]) => path as string);
    expect(named.length).toBeGreaterThan(25);
    for (const path of named) {
      expect(existsSync(join(root, path)), path).toBe(true);
      const tests = path.endsWith('.ts')
        ? [path]
        : readdirSync(join(root, path), { recursive: true }).map(String);
      expect(
        tests.some((file) => file.endsWith('.test.ts')),
        path,
      ).toBe(true);
    }
  });
});

describe('the map of controls', () => {
  const text = page('control-map.md');
  const event = readFileSync(join(root, 'packages/core/src/audit/decision-event.ts'), 'utf8');
  const base = readFileSync(join(root, 'packages/core/src/base/event-channel.ts'), 'utf8');

  it('names members of events, codes and commands that exist', () => {
    const rows = text.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| control'));
    expect(rows.length).toBeGreaterThan(12);
    const codes = readFileSync(join(root, 'packages/core/src/base/code-status.ts'), 'utf8');
    const commands = page('cli.md');
    for (const row of rows) {
      const evidence = row.split('|').at(-2) ?? '';
      expect(evidence.trim()).not.toBe('');
      for (const [, name = ''] of evidence.matchAll(/`([^`]+)`/g)) {
        if (name.startsWith('entra-guard ')) expect(commands, name).toContain(name.split(' --')[0]);
        else if (/_/.test(name)) expect(codes, name).toContain(`'${name}'`);
        else if (['sessions', 'keyRing', 'rule'].includes(name)) continue;
        else expect(`${event}\n${base}`, name).toMatch(new RegExp(`readonly ${name}\\??:`));
      }
    }
  });
});

describe('the map of data', () => {
  it('says of each row where, for how long, and what changes it', () => {
    const rows = page('data-map.md')
      .split('\n')
      .filter((line) => line.startsWith('| '))
      .slice(1);
    expect(rows.length).toBeGreaterThan(15);
    for (const row of rows) {
      const cells = row
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim());
      expect(cells).toHaveLength(4);
      for (const cell of cells) expect(cell).not.toBe('');
    }
  });
});
