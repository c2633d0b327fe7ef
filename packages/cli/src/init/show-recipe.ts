import type { Session } from '../session.js';
import type { Recipe } from './templates/recipe.js';

/** Shows the recipe of a framework that has no adapter. */
export function showRecipe({ stdout, stderr }: Session, { title, guide, lines }: Recipe): void {
  stderr.write(
    `${title} has no package of its own: its guard is made from @entra-guard/core. Nothing is written.\n\n  npm install @entra-guard/core\n\n`,
  );
  stdout.write(`${lines.join('\n')}\n`);
  stderr.write(`\nThe guide is ${guide}, in the repository of this package.\n`);
}
