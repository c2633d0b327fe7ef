import { createHash } from 'node:crypto';
import { Html, html } from './html.js';
import { style } from './style.js';

/** One page. */
export interface Page {
  /** Shown as the heading, and in the title of the window. */
  readonly title: string;
  /** What follows the heading. */
  readonly body: Html;
  /** Status of the response. Default 200. */
  readonly status?: number;
  /** Further headers, such as `set-cookie`; a name may occur several times. Default none. */
  readonly headers?: readonly (readonly [name: string, value: string])[];
  /** Where forms may lead, besides this origin: sources of the directive `form-action`. Default nowhere. */
  readonly formTargets?: readonly string[];
  /** What frames may show: sources of the directive `frame-src`. Default nothing. */
  readonly frames?: readonly string[];
  /** Where the browser goes once the page is loaded, without a script. Default: it stays. */
  readonly continueTo?: string;
  /** Whether the page takes the whole width, for tables. Default `false`. */
  readonly wide?: boolean;
}

/**
 * Makes the response: a complete page that works without a script, loads nothing, and can't be framed. There is no
 * `Cross-Origin-Opener-Policy`, because MSAL reads the window that it opened.
 */
export function page(given: Page): Response {
  const { title, body, status = 200, headers = [], wide = false, continueTo } = given;
  const document = html`<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
${continueTo !== undefined && html`<meta http-equiv="refresh" content="0; url=${continueTo}">`}
<title>${title} · Local Entra</title>
<style>${new Html(style)}</style>
</head>
<body>
<main${wide && html` class="wide"`}>
<p class="brand">Local Entra, for development and tests</p>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
  const response = new Response(document.text, {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': policyOf(given),
      'x-content-type-options': 'nosniff',
      // With `no-referrer` browsers send `Origin: null` along with forms, which no check could tell from a foreign page.
      'referrer-policy': 'same-origin',
    },
  });
  for (const [name, value] of headers) response.headers.append(name, value);
  return response;
}

const styleHash = `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

function policyOf({ formTargets = [], frames = [] }: Page): string {
  return [
    "default-src 'none'",
    `style-src ${styleHash}`,
    ["form-action 'self'", ...formTargets].join(' '),
    frames.length === 0 ? "frame-src 'none'" : `frame-src ${frames.join(' ')}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}
