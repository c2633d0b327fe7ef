import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../../../scripts/free-port.mjs';
import { openPage, picture } from '../../browser/look.js';
import { accept, chooseAccount } from '../../browser/through-pages.js';
import { needsChromium, startChromium, withoutChromium } from '../../support/chromium.js';
import { ShopFolder, type Terminal } from './shop-folder.js';
import { type Step, stepsOf, withMember } from './steps.js';

/** The ports of the page: the directory's, the API's, the shop's. */
const shownPorts = ['8484', '3000', '3001'];

describe.skipIf(withoutChromium)(`docs/walkthrough.md${needsChromium}`, () => {
  let browser: Browser;
  let page: Page;
  let folder: ShopFolder;
  let ports: readonly number[];
  beforeAll(async () => {
    browser = await startChromium();
  }, 60_000);
  beforeEach(async () => {
    folder = new ShopFolder();
    page = await openPage(browser);
    ports = await Promise.all(shownPorts.map(freePort));
  });
  afterEach(async () => {
    await page?.context().close();
    await folder?.close();
  });
  afterAll(() => browser?.close());

  let consents = 0;
  const terminals = new Map<string, Terminal>();

  /** The text with ports that are free here. */
  const here = (text: string) =>
    text.replace(new RegExp(`\\b(${shownPorts.join('|')})\\b`, 'g'), (port) =>
      String(ports[shownPorts.indexOf(port)]),
    );

  /** Does what the page says, as its reader would. */
  async function follow({ kind, name, text }: Step): Promise<void> {
    if (kind === 'printed by') {
      expectPrinted(name, text.split('\n'));
    } else if (kind === 'file') {
      const [file = '', path] = name.split(', ');
      folder.write(file, path === undefined ? here(text) : withMember(folder.read(file), path, here(text)));
    } else {
      const command = name === 'entra' ? `${text} --port ${ports[0]}` : here(text);
      const terminal = folder.start(command);
      terminals.set(name, terminal);
      if (name === 'entra') await terminal.until(new RegExp(`localhost:${ports[0]}`));
      else if (name === 'api') await terminal.until(/Orders are at/);
      else {
        if (name === 'shop') await signIn((await terminal.until(/^Open (\S+)$/m))[1] ?? '');
        await terminal.ended;
      }
    }
  }

  /** Each line begins a line that was printed, in that order. */
  function expectPrinted(name: string, lines: readonly string[]): void {
    const printed = (terminals.get(name)?.printed ?? '').split('\n');
    const found = printed.filter((line) => lines.some((start) => line.startsWith(start)));
    expect(found.map((line) => lines.find((start) => line.startsWith(start)))).toEqual(lines);
  }

  /**
   * Signs Ada in, and takes the pictures of the page: she is asked for her name the first time, and for each permission once.
   */
  async function signIn(address: string): Promise<void> {
    await page.goto(address);
    const done = page.getByText('You can close this window.');
    const asked = page.getByRole('heading', { level: 1 });
    for (;;) {
      await asked.or(done).waitFor();
      if (await done.isVisible()) return;
      const title = (await asked.textContent()) ?? '';
      if (title === 'Choose an account') {
        await picture(page, 'walkthrough/choose-an-account', 'main');
        await chooseAccount(page, 'Ada Lovelace');
      } else {
        consents++;
        await picture(page, `walkthrough/consent${consents === 1 ? '' : '-more'}`, 'main');
        await accept(page);
      }
      await page.getByRole('heading', { level: 1, name: title }).waitFor({ state: 'detached' });
    }
  }

  it('does what it says, step by step', { timeout: 120_000 }, async () => {
    const steps = stepsOf('docs/walkthrough.md');
    try {
      for (const step of steps) await follow(step);
    } catch (cause) {
      const printed = [...terminals].map(([name, terminal]) => `--- ${name}\n${terminal.printed}`);
      throw new Error(`It stopped. What the terminals show:\n${printed.join('\n')}`, { cause });
    }
    expect([...terminals.keys()]).toEqual(['entra', 'api', 'anonymous', 'shop', 'job']);
    expect(consents).toBe(2);
  });
});
