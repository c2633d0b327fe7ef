import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import axe from 'axe-core';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { needsChromium, startChromium, withoutChromium } from '../../support/chromium.js';
import { APPS, entraGuard } from './cli-run.js';

describe('the page of an inventory holds', { timeout: 60_000 }, () => {
  it('everything without scripts, and lets nothing in but its own', async () => {
    const { code, out } = await entraGuard(['inventory', 'hostile.mjs', '--format', 'html']);
    expect(code).toBe(1);
    expect(out).toContain(
      '<td role="cell" class="path">/&lt;script&gt;document.title=1&lt;<wbr>/script&gt;</td>',
    );
    expect(out).toContain('&#39;&gt;&lt;img src=x onerror=alert(2)&gt;');
    expect(out.match(/<script/g)).toHaveLength(1);
    expect(out).toMatch(/content="default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'/);
    expect(out).not.toMatch(/https?:/);
  });
});

describe('the page of an inventory says', { timeout: 60_000 }, () => {
  it('which application it is of, and when it was taken', async () => {
    const folder = await mkdtemp(join(APPS, 'named-'));
    try {
      await writeFile(
        join(folder, 'package.json'),
        '{ "name": "@contoso/orders <api>", "version": "2.1.0" }',
      );
      await mkdir(join(folder, 'dist'));
      // It says which kind of modules these are, and names nothing.
      await writeFile(join(folder, 'dist', 'package.json'), '{ "type": "module" }');
      await writeFile(join(folder, 'dist', 'app.js'), "export { app as orders } from '../../orders.mjs';");
      const now = () => Date.parse('2026-03-01T12:05:30Z');
      const html = async (app: string) =>
        (await entraGuard(['inventory', app, '--format', 'html'], '', { cwd: folder, now })).out;
      const page = await html('dist/app.js');
      expect(page).toContain('<title>Who may call what: @contoso/orders &lt;api&gt; 2.1.0</title>');
      expect(page).toContain(
        '<strong>@contoso/orders &lt;api&gt; 2.1.0</strong>, <time datetime="2026-03-01T12:05:30.000Z">1 March 2026 at 12:05 UTC</time>',
      );
      expect(await html('dist/app.js#orders')).toContain('2.1.0 (orders)</strong>');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe.skipIf(withoutChromium)(
  `the page of an inventory, in Chromium${needsChromium}`,
  { timeout: 60_000 },
  () => {
    let browser: Browser;
    let page: Page;
    let folder: string;
    const requested: string[] = [];
    const complaints: string[] = [];

    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'entra-guard-page-'));
      const file = join(folder, 'review.html');
      await writeFile(file, (await entraGuard(['inventory', 'hostile.mjs', '--format', 'html'])).out);
      browser = await startChromium();
      page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      page.on('request', (request) => requested.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      page.on('dialog', (dialog) => {
        complaints.push(`alert: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await page.goto(pathToFileURL(file).href);
    }, 60_000);
    afterAll(async () => {
      await browser.close();
      await rm(folder, { recursive: true });
    });

    const paths = () => page.locator('tbody tr:visible td:nth-of-type(1)').allTextContents();

    it('asks for nothing, runs nothing that slipped in, and has nothing to complain of', () => {
      expect(requested.map((url) => new URL(url).protocol)).toEqual(['file:']);
      expect(complaints).toEqual([]);
    });

    it('sorts by a column, and back, by the keyboard too', async () => {
      const before = await paths();
      expect(before).toEqual([
        '/health',
        '/orders',
        '/orders',
        '/<script>document.title=1</script>',
        '/maybe',
      ]);
      const head = page.locator('thead th').nth(1);
      await head.getByRole('button', { name: 'Path' }).click();
      expect(await head.getAttribute('aria-sort')).toBe('ascending');
      const ascending = await paths();
      expect(ascending).toEqual([...before].sort((a, b) => a.localeCompare(b)));
      await head.getByRole('button').press('Enter');
      expect(await head.getAttribute('aria-sort')).toBe('descending');
      expect(await paths()).toEqual([...ascending].reverse());
      await page.locator('thead th').nth(0).getByRole('button').click();
      expect(await head.getAttribute('aria-sort')).toBeNull();
    });

    it('searches for all words, in any column, and says how many it found', async () => {
      const search = page.getByLabel('Search');
      await search.fill('orders WRITE');
      expect(await paths()).toEqual(['/orders']);
      expect(await page.getByRole('status').textContent()).toBe('1 of 5');
      await search.fill('nothing like this');
      expect(await paths()).toEqual([]);
      await search.fill('');
      expect(await paths()).toHaveLength(5);
      expect(await page.getByRole('status').textContent()).toBe('');
    });

    it.each(['light', 'dark'] as const)(
      'has no fault that axe finds, in a %s scheme',
      async (colorScheme) => {
        await page.emulateMedia({ colorScheme });
        // Past the page's own policy, which lets in no script but its own.
        await page.evaluate(axe.source);
        const { violations, passes } = (await page.evaluate('axe.run(document)')) as axe.AxeResults;
        expect(
          violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`),
        ).toEqual([]);
        expect(passes.length).toBeGreaterThan(10);
      },
    );

    it('fits a small screen without scrolling sideways, and shows there who gets in', async () => {
      await page.setViewportSize({ width: 360, height: 700 });
      for (const element of ['document.documentElement', "document.querySelector('.wide')"]) {
        expect(await page.evaluate(`${element}.scrollWidth - ${element}.clientWidth`)).toBeLessThanOrEqual(0);
      }
      const boxes = await Promise.all(
        ['.path', '.access', '.requirement'].map((cell) =>
          page.locator(`tbody tr.required ${cell}`).first().boundingBox(),
        ),
      );
      for (const box of boxes) expect((box?.x ?? 999) + (box?.width ?? 999)).toBeLessThanOrEqual(360);
      const tops = boxes.map((box) => box?.y ?? 0);
      expect(tops).toEqual(tops.toSorted((a, b) => a - b));
      await page.setViewportSize({ width: 1280, height: 800 });
    });

    it.each([360, 700, 1280])('breaks no path in the middle of a word, %s pixels wide', async (width) => {
      const wide = join(folder, 'wide.html');
      await writeFile(wide, (await entraGuard(['inventory', 'long-paths.mjs', '--format', 'html'])).out);
      const other = await browser.newPage({ viewport: { width, height: 800 } });
      await other.goto(pathToFileURL(wide).href);
      const broken =
        await other.evaluate(`[...document.querySelectorAll('td.path, td.requirement')].flatMap((cell) =>
        [...cell.childNodes].filter((node) => node.nodeType === 3).flatMap((node) =>
          [...node.data.matchAll(/[\\w:.']+/g)].filter(({ index, 0: word }) => {
            const range = document.createRange();
            range.setStart(node, index);
            range.setEnd(node, index + word.length);
            return new Set([...range.getClientRects()].map(({ top }) => top)).size > 1;
          }).map(([word]) => word)))`);
      expect(broken).toEqual([]);
      await other.close();
    });

    it('prints every column, and no search box', async () => {
      await page.emulateMedia({ media: 'print', colorScheme: 'light' });
      expect(await page.getByLabel('Search').isVisible()).toBe(false);
      expect(await page.locator('thead th:visible').count()).toBe(7);
      await page.emulateMedia({ media: 'screen' });
    });
  },
);
