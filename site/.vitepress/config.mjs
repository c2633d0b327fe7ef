import { readFileSync } from 'node:fs';
import { slug } from 'github-slugger';
import { defineConfig } from 'vitepress';

const sidebar = JSON.parse(readFileSync(new URL('../generated/sidebar.json', import.meta.url), 'utf8'));
const base = process.env.SITE_BASE ?? '/';

/** The HTML that pages may hold; anything else between angle brackets is text, such as `<scope>`. */
const LINE_BREAK = /^<br ?\/?>$/;

export default defineConfig({
  lang: 'en',
  title: 'entra-guard',
  description: 'Validates Microsoft Entra ID access tokens and enforces permissions per route, for Node.',
  base,
  srcDir: 'generated/pages',
  outDir: 'dist',
  cacheDir: 'generated/cache',
  cleanUrls: false,
  lastUpdated: false,
  ignoreDeadLinks: [/explain-a-token/, /^https?:\/\/localhost/],
  head: [
    ['link', { rel: 'icon', type: 'image/svg+xml', href: `${base}icon.svg` }],
    ['meta', { name: 'referrer', content: 'no-referrer' }],
  ],
  markdown: {
    // GitHub's anchors, so that links hold in the repository and here.
    anchor: { slugify: (text) => slug(text) },
    // "SECURITY.md" is not a server in Moldova.
    linkify: false,
    // Enough contrast on the ground of code.
    theme: { light: 'github-light-high-contrast', dark: 'github-dark' },
    config(md) {
      const { escapeHtml } = md.utils;
      const onlyBreaks = (tokens, at) =>
        LINE_BREAK.test(tokens[at].content.trim()) ? '<br>' : escapeHtml(tokens[at].content);
      md.renderer.rules.html_inline = onlyBreaks;
      md.renderer.rules.html_block = onlyBreaks;
      // A head cell without text is a cell: a heading that is empty confuses those who hear it.
      md.core.ruler.push('empty-head', ({ tokens }) => {
        for (const [at, { type }] of tokens.entries()) {
          if (type !== 'th_open' || tokens[at + 1].content.trim() !== '') continue;
          tokens[at].tag = 'td';
          tokens[at + 2].tag = 'td';
        }
      });
      // Braces are text and not expressions of Vue.
      for (const rule of ['text', 'code_inline']) {
        const render = md.renderer.rules[rule];
        md.renderer.rules[rule] = (...given) => render(...given).replaceAll('{{', '&#123;&#123;');
      }
    },
  },
  themeConfig: {
    sidebar,
    outline: { level: [2, 3], label: 'On this page' },
    search: { provider: 'local' },
    nav: [
      { text: 'Start', link: '/overview.html' },
      { text: 'Troubleshooting', link: '/troubleshooting.html' },
      { text: 'Explain a token', link: '/explain-a-token.html', target: '_self' },
      { text: 'Reference', link: '/api/' },
    ],
    docFooter: { prev: 'Before', next: 'Next' },
    externalLinkIcon: false,
  },
  vite: { build: { reportCompressedSize: false, chunkSizeWarningLimit: 5000 } },
});
