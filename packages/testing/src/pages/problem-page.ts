import { asOAuthError, type OAuthError } from '../endpoints/oauth-error.js';
import { explanationOf } from './explanations.js';
import { type Html, html } from './html.js';
import { page } from './layout.js';

/** Makes the part of a page that explains a refusal: its code, what it means, and what repairs it. */
export function explained(error: OAuthError): Html {
  const { meaning, repair } = explanationOf(error.aadsts);
  return html`<p class="error" role="alert">${error.description}</p>
<dl>
${meaning !== undefined && html`<dt>What it means</dt><dd>${meaning}</dd>`}
${repair !== undefined && html`<dt>What repairs it</dt><dd>${repair}</dd>`}
</dl>`;
}

/** Makes the page of a refusal that can't go back to the application. */
export function problemPage(error: unknown, title = 'We can’t sign you in'): Response {
  return page({ title, body: explained(asOAuthError(error)), status: 400 });
}

/** Makes the page for a form that can't be used: it was sent before, is too old, or is not of this browser. */
export function unusablePage(status: 400 | 403, why: string): Response {
  return page({
    title: 'This page can’t be used any more',
    body: html`<p class="error" role="alert">${why}</p><p>Go back to the application, and sign in again from there.</p>`,
    status,
  });
}
