import type { Tenant, Tenants } from '../directory/tenants.js';
import { escapeHtml, html } from './answers.js';
import { isTenantAlias } from './metadata.js';
import { asOAuthError } from './oauth-error.js';

/** The user who signs in when the request has no `login_hint`. */
export const firstUser = 'ada';

/** Returns the tenant that users sign in to: of an alias the home tenant, but for personal accounts. */
export function signInTenant(tenants: Tenants, segment: string): Tenant {
  return isTenantAlias(segment) && segment !== 'consumers' ? tenants.home : tenants.named(segment);
}

/** Returns the page that says why a user can't sign in. */
export function refusalPage(error: unknown): Response {
  return html(
    `<h1>The local Entra can’t sign you in</h1><p>${escapeHtml(asOAuthError(error).description)}</p>`,
    400,
  );
}
