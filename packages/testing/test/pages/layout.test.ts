import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Html, type HtmlValue, html } from '../../src/pages/html.js';
import { page } from '../../src/pages/layout.js';

describe('the template of a page', () => {
  it.each<[string, HtmlValue, string]>([
    ['text', '<script>alert("1")</script>', '&lt;script&gt;alert(&quot;1&quot;)&lt;/script&gt;'],
    ['an apostrophe and an ampersand', "'&", '&#39;&amp;'],
    ['a number', 3, '3'],
    ['nothing', undefined, ''],
    ['what is left out', false, ''],
    ['HTML', html`<b>${'<'}</b>`, '<b>&lt;</b>'],
    ['a list', ['<', html`<i></i>`], '&lt;<i></i>'],
  ])('escapes all but HTML: %s', (_, value, expected) => {
    expect(html`<p>${value}</p>`.text).toBe(`<p>${expected}</p>`);
  });

  it('takes no object for HTML that only looks like it', () => {
    const forged = { text: '<script>' } as unknown as Html;
    expect(() => html`${forged}`).toThrow();
  });
});

describe('a page', () => {
  const policyOf = (given: Partial<Parameters<typeof page>[0]> = {}) =>
    Object.fromEntries(
      (page({ title: 'Hi', body: html``, ...given }).headers.get('content-security-policy') ?? '')
        .split('; ')
        .map((directive) => [directive.split(' ')[0], directive.split(' ').slice(1).join(' ')]),
    );

  it('loads nothing, runs no script, and is shown in no frame', async () => {
    const response = page({ title: 'Hi', body: html`<p>There</p>` });
    const text = await response.text();
    const [, style = ''] = /<style>(.*)<\/style>/s.exec(text) ?? [];
    expect(policyOf()).toEqual({
      'default-src': "'none'",
      'style-src': `'sha256-${createHash('sha256').update(style).digest('base64')}'`,
      'form-action': "'self'",
      'frame-src': "'none'",
      'frame-ancestors': "'none'",
      'base-uri': "'none'",
    });
    expect(text).not.toMatch(/<script|<link|<img|style="|\son[a-z]+=/);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    });
    expect(response.headers.has('cross-origin-opener-policy')).toBe(false);
  });

  it('leads forms and frames only where it is told', () => {
    const policy = policyOf({ formTargets: ['https://a.example'], frames: ['https://b.example'] });
    expect(policy).toMatchObject({
      'form-action': "'self' https://a.example",
      'frame-src': 'https://b.example',
    });
  });

  it('escapes its title, keeps each cookie, and says where it goes on', async () => {
    const response = page({
      title: '</title><script>',
      body: html``,
      continueTo: 'https://a.example/"><script>',
      headers: [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
    });
    expect(await response.text()).not.toContain('<script');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });
});

const run = promisify(execFile);
const dist = fileURLToPath(new URL('../../dist', import.meta.url));

it.each([
  ['cjs', `const { startEntra } = require(${JSON.stringify(`${dist}/cjs/index.js`)});`],
  ['esm', `const { startEntra } = await import(${JSON.stringify(`${dist}/esm/index.js`)});`],
])(
  'the build loads pages only when asked for: %s',
  async (_, load) => {
    // What is loaded: from the list of modules of the inspector, which knows those of both kinds.
    const program = `
    const { Session } = await import('node:inspector');
    const { createRequire } = await import('node:module');
    const require = createRequire('file:///program.js');
    const scripts = [];
    const session = new Session();
    session.connect();
    session.on('Debugger.scriptParsed', ({ params }) => scripts.push(params.url));
    session.post('Debugger.enable');
    ${load}
    const loaded = () => scripts.filter((url) => url.includes('/pages/')).length > 0;
    await (await startEntra()).close();
    const before = loaded();
    await (await startEntra({ pages: true })).close();
    console.log(JSON.stringify([before, loaded()]));
  `;
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', program]);
    expect(JSON.parse(stdout)).toEqual([false, true]);
  },
  60_000,
);
