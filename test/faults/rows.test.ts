import { describe, expect, it } from 'vitest';
import { Clock } from './clock.js';
import { CONTENDERS } from './contenders.js';
import { perform } from './play.js';
import { ROWS } from './rows.js';

for (const row of ROWS) {
  describe(row.name, () => {
    for (const kind of CONTENDERS) {
      it(`${kind.name} goes through it`, { timeout: 30_000 }, async () => {
        const seen = await perform(row, kind, new Clock());
        if (process.env.SHOW) console.log(row.name, '|', kind.name, '\n   ', seen.join('\n    '));
        if (kind.name === 'entra-guard') expect(seen).toEqual(row.ours);
      });
    }
  });
}
