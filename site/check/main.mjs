// Checks the built site. Without Chromium, and with --links, only what can be read from its files. `--only=index.html,keys.html`
// opens only these pages.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { built, site } from '../steps/folders.mjs';
import { inChromium, withoutChromium } from './chromium.mjs';
import { codesWithoutPage, pagesNotBuilt } from './coverage.mjs';
import { brokenLinks, brokenTwins } from './links.mjs';
import { loadedFromElsewhere } from './outside.mjs';
import { problemsOfPages } from './pages.mjs';
import { problemsOfTokenPage } from './token-page.mjs';
import { pageWeights, tooHeavy } from './weight.mjs';

if (!existsSync(join(built, 'index.html'))) {
  console.error('The site is not built: run "pnpm site" first.');
  process.exit(1);
}
const pages = JSON.parse(readFileSync(join(site, 'generated/pages.json'), 'utf8'));
const started = performance.now();
const seconds = () => `${((performance.now() - started) / 1000).toFixed(0)} s`;

const problems = [
  ...pagesNotBuilt(pages),
  ...codesWithoutPage(),
  ...brokenLinks(),
  ...brokenTwins(),
  ...loadedFromElsewhere(),
  ...tooHeavy(),
];
const weights = pageWeights();
const [heaviest] = weights;
const home = weights.find(({ name }) => name === 'index.html');
const kilobytes = ({ bytes }) => `${(bytes / 1000).toFixed(0)} kB`;
console.log(
  `${weights.length} pages, links followed; ${kilobytes(home)} to open the site, ${kilobytes(heaviest)} for the heaviest page, ${heaviest.name} (compressed). ${seconds()}`,
);

if (process.argv.includes('--links')) {
  console.log('Not opened in Chromium: --links.');
} else if (withoutChromium !== undefined) {
  if (process.env.CI === 'true') problems.push(withoutChromium);
  else console.log(`Not opened in a browser. ${withoutChromium}`);
} else {
  await inChromium(async (origin, browser) => {
    problems.push(...(await problemsOfTokenPage(origin, browser)));
    const opened = await problemsOfPages(origin, browser, pages);
    problems.push(...opened.problems);
    console.log(`${opened.count} pages opened at 360 and 1280 pixels, at 360 with axe. ${seconds()}`);
  });
}
for (const problem of problems) console.error(problem);
console.log(`${problems.length} problems.`);
process.exitCode = problems.length > 0 ? 1 : 0;
