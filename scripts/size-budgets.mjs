// What each package may weigh: scripts/size-budgets.json holds bytes, and the number of packages that an installation adds.
import { join } from 'node:path';
import { readJson, root } from './workspace.mjs';

const file = 'scripts/size-budgets.json';
const budgets = readJson(join(root, file));

const measures = {
  packed: 'bytes packed',
  unpacked: 'bytes unpacked',
  dependencies: 'packages that are installed with it',
};

/**
 * Compares `{ packed, unpacked, dependencies }` of a package with its budget. Returns a sentence for each number that is too
 * large, and one for a budget that is missing.
 */
export function overBudget(name, measured, budget = budgets[name]) {
  if (budget === undefined) {
    const proposed = Object.fromEntries(
      Object.keys(measures).map((measure) => [measure, proposal(measure, measured[measure])]),
    );
    return [
      `${name} has no size budget. Add to ${file}: ${JSON.stringify(name)}: ${JSON.stringify(proposed)}`,
    ];
  }
  return Object.entries(measures).flatMap(([measure, unit]) => {
    const [now, most] = [measured[measure], budget[measure]];
    if (now <= most) return [];
    const over = most === 0 ? '' : ` (${(((now - most) / most) * 100).toFixed(1)} %)`;
    return [
      `${name} has ${now} ${unit}, ${now - most}${over} more than its budget of ${most}. Make it smaller; or, if the growth is ` +
        `worth it, set "${measure}" to ${proposal(measure, now)} in ${file} and say why in the commit.`,
    ];
  });
}

/** A twentieth more than now, in whole thousands: room for fixes. Each further dependency is a decision. */
function proposal(measure, now) {
  return measure === 'dependencies' ? now : Math.ceil((now * 1.05) / 1000) * 1000;
}
