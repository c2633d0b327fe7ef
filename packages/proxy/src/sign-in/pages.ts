import { createHash } from 'node:crypto';
import type { BrowserAnswer } from './browser-sign-in.js';

/** A page for people: works without scripts, loads nothing, and is read well by screen readers. */
export interface Page {
  readonly status: number;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Where to go on: links by GET, buttons by POST. */
  readonly actions: readonly { readonly label: string; readonly href: string; readonly post?: boolean }[];
  /** A code for people who help. */
  readonly code?: string | undefined;
  readonly cookies?: readonly string[];
  /** The origin that a form leads to in the end, in addition to the own one. */
  readonly formLeadsTo?: string | undefined;
}

const STYLE = `
:root{color-scheme:light dark;font-family:system-ui,sans-serif;line-height:1.5}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}
main{box-sizing:border-box;width:100%;max-width:34rem;padding:1.5rem}
h1{font-size:1.5rem;line-height:1.2;margin:0 0 1rem;overflow-wrap:anywhere}
p{margin:0 0 1rem;overflow-wrap:anywhere}
.actions{display:flex;flex-wrap:wrap;gap:.75rem;margin:1.5rem 0 0}
form{margin:0}
.actions a,button{display:inline-block;box-sizing:border-box;font:inherit;padding:.6rem 1.1rem;border:2px solid #0b5cad;border-radius:.4rem;background:#0b5cad;color:#fff;text-decoration:none;cursor:pointer}
.actions a:focus-visible,button:focus-visible{outline:3px solid Highlight;outline-offset:2px}
.code{font-size:.9rem}
`;
const STYLE_DIGEST = createHash('sha256').update(STYLE).digest('base64');

/** Makes the answer with a page. */
export function pageAnswer({
  status,
  title,
  paragraphs,
  actions,
  code,
  cookies = [],
  formLeadsTo,
}: Page): BrowserAnswer {
  const buttons = actions.map(({ label, href, post }) =>
    post
      ? `<form method="post" action="${escaped(href)}"><button type="submit">${escaped(label)}</button></form>`
      : `<a href="${escaped(href)}">${escaped(label)}</a>`,
  );
  const body = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
${paragraphs.map((text) => `<p>${escaped(text)}</p>`).join('\n')}
${code === undefined ? '' : `<p class="code">Code: <code>${escaped(code)}</code></p>`}
<div class="actions">${buttons.join('')}</div>
</main>
</body>
</html>
`;
  const forms = formLeadsTo === undefined ? "'self'" : `'self' ${formLeadsTo}`;
  return {
    status,
    headers: {
      ...PRIVATE,
      'Content-Type': 'text/html; charset=utf-8',
      'Content-Security-Policy': `default-src 'none'; style-src 'sha256-${STYLE_DIGEST}'; form-action ${forms}; frame-ancestors 'none'; base-uri 'none'`,
      'X-Content-Type-Options': 'nosniff',
      ...(cookies.length === 0 ? {} : { 'Set-Cookie': cookies }),
    },
    body,
  };
}

/** Of every answer: it is one person's, and its address may hold a code (RFC 6749 section 10.14). */
export const PRIVATE = Object.freeze({
  'Cache-Control': 'no-store',
  'Referrer-Policy': 'no-referrer',
}) satisfies Readonly<Record<string, string>>;

/** Leads a browser on. 303: by GET, whatever the method was (RFC 9110 section 15.4.4). */
export function leadTo(location: string, cookies: readonly string[] = []): BrowserAnswer {
  return {
    status: 303,
    headers: { ...PRIVATE, Location: location, ...(cookies.length === 0 ? {} : { 'Set-Cookie': cookies }) },
    body: '',
  };
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
