import { isApi } from '../directory/apps.js';
import type { EntraServices } from '../endpoints/call.js';
import type { MintedToken } from '../endpoints/mint.js';
import { type Html, html } from '../pages/html.js';
import { decodeUnverifiedJwt } from '../tokens/read-jwt.js';

/** Shows the form "get a token as…". */
export function tokenSection({ apps, people, agents, managedIdentities }: EntraServices, key: string): Html {
  const choices = [
    ...people.told.map((name) => [`user:${name}`, `${name} (user)`] as const),
    ...apps.told.map(({ name }) => [`app:${name}`, `${name} (app)`] as const),
    ...managedIdentities.told.map(
      ({ name }) => [`managedIdentity:${name}`, `${name} (managed identity)`] as const,
    ),
    ...agents.told.map(({ app }) => [`agent:${app.name}`, `${app.name} (agent)`] as const),
  ];
  const apis = apps.told.filter(isApi);
  return html`<p>A token for an API, without a sign-in. In a terminal: <code>entra-guard token --as ada</code>.</p>
<form method="post" action="/portal/token">
<input type="hidden" name="key" value="${key}">
<label>As<select name="who">${(choices.length === 0 ? [['user:ada', 'ada (user)'] as const] : choices).map(([value, label]) => html`<option value="${value}">${label}</option>`)}</select></label>
${
  apis.length > 0 &&
  html`<label>For the API<select name="api">${apis.map(({ name }) => html`<option value="${name}">${name}</option>`)}</select></label>`
}
<label>Scopes, or roles of an app<input type="text" name="permissions" maxlength="1000" autocomplete="off" aria-describedby="permissions-hint"></label>
<p class="soft" id="permissions-hint">Separated by spaces. Left empty, a user gets the first scope of the API, and an app its roles.</p>
<button class="main">Get the token</button>
</form>`;
}

/** Shows the token, for the one who asked for it. */
export function issuedSection({ token, expires, note }: MintedToken): Html {
  const claims = decodeUnverifiedJwt(token)?.payload ?? {};
  return html`<h2>Your token</h2>
${note !== undefined && html`<p>${note}</p>`}
<label>Valid until ${expires}<textarea readonly rows="6">${token}</textarea></label>
<h3>Its claims</h3>
<pre tabindex="0">${JSON.stringify(claims, undefined, 2)}</pre>`;
}
