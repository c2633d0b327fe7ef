import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';

/** How a page is looked at. */
export interface Look {
  /** Pixels: a phone, or a desk. */
  readonly width: 360 | 1280;
  readonly theme: 'light' | 'dark';
}

const all: readonly [Look, ...Look[]] = [
  { width: 360, theme: 'light' },
  { width: 360, theme: 'dark' },
  { width: 1280, theme: 'light' },
  { width: 1280, theme: 'dark' },
];

/** All looks with `ENTRA_GUARD_FULL=1`, else the narrowest. */
export const looks = process.env.ENTRA_GUARD_FULL === '1' ? all : all.slice(0, 1);

/** Opens an empty page in a session of its own: no cookies, and nothing waits longer than 15 seconds. */
export async function openPage(browser: Browser, look: Look = all[2] as Look): Promise<Page> {
  const context = await browser.newContext({
    viewport: { width: look.width, height: 800 },
    colorScheme: look.theme,
  });
  context.setDefaultTimeout(15_000);
  return context.newPage();
}

/** What axe finds wrong with a page, one line for each place. Empty is accessible, as far as a program can tell. */
export async function violationsOf(page: Page): Promise<readonly string[]> {
  // Not as a script of the page, which its Content-Security-Policy would refuse.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate<axe.AxeResults>('axe.run()');
  return violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${help}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

/** Whether a page is wider than its window, so that it scrolls sideways. */
export function isTooWide(page: Page): Promise<boolean> {
  return page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth');
}

/**
 * Takes a picture into the folder that `ENTRA_GUARD_PICTURES` names. Without it, takes none.
 * @param part a selector. Default the whole page
 */
export async function picture(page: Page, name: string, part?: string): Promise<void> {
  const folder = process.env.ENTRA_GUARD_PICTURES;
  if (folder === undefined) return;
  const path = join(folder, `${name}.png`);
  mkdirSync(dirname(path), { recursive: true });
  if (part === undefined) await page.screenshot({ path, fullPage: true });
  else await page.locator(part).screenshot({ path });
}
