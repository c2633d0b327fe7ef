import { createHmac } from 'node:crypto';
import { sameText } from '../endpoints/same-text.js';
import type { Browser } from './browsers.js';
import { type Html, html } from './html.js';

/** Makes the token that binds a form to a browser and to what the form is for. */
export function formToken({ secret }: Browser, purpose: string): string {
  return createHmac('sha256', secret).update(purpose).digest('base64url');
}

/** Makes the hidden field that {@link isOwnForm} checks. */
export function tokenField(browser: Browser, purpose: string): Html {
  return html`<input type="hidden" name="token" value="${formToken(browser, purpose)}">`;
}

/** Whether a form is one that this browser was given, and that a page of this origin sent. */
export function isOwnForm(
  request: Request,
  browser: Browser,
  purpose: string,
  form: URLSearchParams,
): boolean {
  return isSameOrigin(request) && sameText(form.get('token') ?? '', formToken(browser, purpose));
}

/** Whether a request comes from a page of this origin. Browsers name it; other programs name none. */
function isSameOrigin({ headers, url }: Request): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null && site !== 'same-origin') return false;
  const origin = headers.get('origin');
  if (origin === null) return true;
  const { protocol, host } = new URL(url);
  return origin === `${protocol}//${headers.get('host') ?? host}`;
}
