import { createHash } from 'node:crypto';
import { escapeHtml } from './answers.js';
import { isLoopbackUrl } from './loopback-url.js';

const script = 'document.forms[0].submit()';
const style =
  ':root{color-scheme:light dark}body{font:1rem/1.5 system-ui,sans-serif;margin:2rem}h1{font-size:1.5rem}button{min-height:2.75rem;padding:.5rem 1.25rem;font:inherit}';

/**
 * Makes a page that posts an answer to the client (OAuth 2.0 Form Post Response Mode). Without a script there is the button.
 */
export function formPost(uri: string, fields: readonly (readonly [string, string])[]): Response {
  const inputs = fields.map(
    ([name, value]) => `<input type="hidden" name="${escapeHtml(name)}" value="${escapeHtml(value)}">`,
  );
  const body = `<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Continue to the application · Local Entra</title><style>${style}</style></head><body><main><h1>Continue to the application</h1><form method="post" action="${escapeHtml(uri)}">${inputs.join('')}<button>Continue</button></form></main><script>${script}</script></body></html>`;
  return new Response(body, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-store',
      'content-security-policy': `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; form-action ${formTargets(uri).join(' ')}; frame-ancestors 'none'; base-uri 'none'`,
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'same-origin',
    },
  });
}

/**
 * Returns sources of the directive `form-action` that let a form lead to a redirect URI. Browsers apply the directive to every
 * redirect that follows a form, and an application of this machine may have its pages on another port.
 */
export function formTargets(redirectUri: string): readonly string[] {
  const { protocol, host } = new URL(redirectUri);
  if (protocol !== 'http:' && protocol !== 'https:') return [protocol];
  if (isLoopbackUrl(redirectUri)) {
    return [
      'http://localhost:*',
      'https://localhost:*',
      'http://127.0.0.1:*',
      'https://127.0.0.1:*',
      `${protocol}//${host}`,
    ];
  }
  // A host may hold characters that would end the directive.
  return /^[\w.-]+(:\d+)?$/.test(host) ? [`${protocol}//${host}`] : [];
}

function hashOf(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
}
