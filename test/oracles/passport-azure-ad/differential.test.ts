import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthorityServer } from '../../support/authority-server.js';
import type { Outcome } from './contender.js';
import { INTENDED, OTHER_WORDS } from './intended.js';
import { Original } from './original.js';
import { Ours } from './ours.js';
import { page, rowNamed } from './page.js';
import { askOf, perform, type Row } from './row.js';
import { ROWS } from './rows.js';
import { verdict, words } from './words.js';

let original: Original;
let ours: Ours;
let legacy: Ours;
beforeAll(async () => {
  original = new Original(await AuthorityServer.start());
  ours = new Ours(await AuthorityServer.start());
  legacy = new Ours(await AuthorityServer.start(), { legacyResponses: true });
});
afterAll(() => Promise.all([original, ours, legacy].map((contender) => contender.end())));

const intended = new Set(Object.values(INTENDED).flatMap((list) => list.flatMap(({ rows }) => rows)));
const otherWords = new Set(OTHER_WORDS.flatMap(({ rows }) => rows));

/** Returns one line, or one for each request. */
function listed(texts: readonly string[]): string | readonly string[] {
  const [first = '', ...others] = texts;
  return others.length === 0 ? first : texts;
}

async function play(row: Row) {
  // Both instances of entra-guard share the passport of this process, which NestJS's strategies register with.
  const both = async () => [await perform(row, ours), await perform(row, legacy)] as const;
  const [seen, [own, old]] = await Promise.all([perform(row, original), both()]);
  const ask = askOf(row);
  const told = (outcomes: readonly Outcome[]) => listed(outcomes.map((one) => words(one, ask)));
  const decided = (outcomes: readonly Outcome[]) => outcomes.map((one) => verdict(one, ask)).join(' | ');
  return {
    said: { original: told(seen), ours: told(own), legacy: told(old) },
    differs: decided(seen) !== decided(own),
    differsInLegacy: decided(seen) !== decided(old),
  };
}

/** Returns the expected outcome with `legacyResponses`: that of the original, unless it accepted or did not answer. */
function legacyOf(row: Row): string | readonly string[] {
  const refuses = [row.ours].flat().some((text) => /^4|^callback\(error null, user false/.test(text));
  return row.legacy ?? (refuses ? row.original : row.ours);
}

for (const [topic, rows] of Object.entries(ROWS)) {
  describe(topic, () => {
    it.each(rows)('$name', { timeout: 30_000 }, async (row) => {
      const { said, differs, differsInLegacy } = await play(row);
      expect(said).toEqual({ original: row.original, ours: row.ours, legacy: legacyOf(row) });
      expect(differs, 'differs, and is listed in intended.ts').toBe(intended.has(row.name));
      const inWords = !differsInLegacy && JSON.stringify(said.original) !== JSON.stringify(said.legacy);
      expect(inWords && !thrown(said.original), 'has another text, and is listed in OTHER_WORDS').toBe(
        otherWords.has(row.name),
      );
    });
  });
}

/** Whether a constructor threw. Its texts are for developers, and need not be those of the original. */
function thrown(told: string | readonly string[]): boolean {
  return [told].flat().some((text) => text.startsWith('throws'));
}

describe('the lists', () => {
  const names = Object.values(ROWS).flatMap((rows) => rows.map(({ name }) => name));

  it('have at least 200 rows with unique names', () => {
    expect(new Set(names).size).toBe(names.length);
    expect(names.length).toBeGreaterThanOrEqual(200);
  });

  it('name every intended difference once, and only rows that exist', () => {
    const listedNames = [...Object.values(INTENDED).flat(), ...OTHER_WORDS].map(({ rows }) => rows);
    for (const name of listedNames.flat()) expect(rowNamed(name).name).toBe(name);
    const once = Object.values(INTENDED).flatMap((list) => list.flatMap(({ rows }) => rows));
    expect(new Set(once).size).toBe(once.length);
  });
});

it('docs/passport-differences.md lists the intended differences', async () => {
  await expect(page()).toMatchFileSnapshot('../../../docs/passport-differences.md');
});
