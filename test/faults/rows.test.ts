import { describe, expect, it } from 'vitest';
import { Clock } from './clock.js';
import { CONTENDERS, type ContenderKind } from './contenders.js';
import { page } from './page.js';
import { perform, type Row } from './play.js';
import { ROWS } from './rows.js';

const performed = new Map<string, Promise<readonly string[]>>();

/** Performs a row once. Later tests use its result. */
function seenBy(kind: ContenderKind, row: Row): Promise<readonly string[]> {
  const key = `${kind.name} ${row.name}`;
  const known = performed.get(key);
  if (known !== undefined) return known;
  const playing = perform(row, kind, new Clock());
  performed.set(key, playing);
  return playing;
}

for (const row of ROWS) {
  describe(row.name, () => {
    for (const kind of CONTENDERS) {
      const ours = kind.name === 'entra-guard';
      const title = ours ? 'entra-guard does what is required' : `${kind.name} finishes, with any result`;
      it(title, { timeout: 30_000 }, async () => {
        const seen = await seenBy(kind, row);
        if (ours) expect(seen).toEqual(row.ours);
        else expect(seen).toHaveLength(row.ours.length);
      });
    }
  });
}

it('docs/keys.md contains what was seen', { timeout: 120_000 }, async () => {
  const seen = new Map<Row, readonly (readonly string[])[]>();
  for (const row of ROWS) {
    const cells: (readonly string[])[] = [];
    for (const kind of CONTENDERS) {
      // A separate test checks what was seen of entra-guard.
      cells.push(kind.name === 'entra-guard' ? row.ours : await seenBy(kind, row));
    }
    seen.set(row, cells);
  }
  await expect(page(seen)).toMatchFileSnapshot('../../docs/keys.md');
});
