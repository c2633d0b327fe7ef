import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/** Where Chromium is, as distributions install it; `CHROMIUM` names another one. */
const executablePath = [
  process.env.CHROMIUM,
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
].find((path) => path !== undefined && existsSync(path));

/** On a machine without Chromium such tests are skipped, but never in CI. */
export const withoutChromium = executablePath === undefined && process.env.CI !== 'true';

/** For the titles of tests that need it. */
export const needsChromium = withoutChromium
  ? ' (skipped: there is no Chromium here; CHROMIUM names one)'
  : '';

/** Starts it headless; it requests only what the page requests. */
export function startChromium(): Promise<Browser> {
  if (executablePath === undefined)
    throw new Error('There is no Chromium here. Install it, or set CHROMIUM.');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--disable-sync',
      '--disable-background-networking',
      '--disable-component-update',
      '--no-first-run',
    ],
  });
}
