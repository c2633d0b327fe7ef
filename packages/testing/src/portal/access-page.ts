import { graphClientId } from '../directory/apps.js';
import type { EntraServices } from '../endpoints/call.js';
import { type Html, html } from '../pages/html.js';
import { actionButton } from './action-button.js';
import { table } from './frame.js';

/** Lists what was consented to, and the policies of Conditional Access. */
export function accessSection(entra: EntraServices, key: string): Html {
  const { apps, people, tenants, consents, policies } = entra;
  const appName = (clientId: string) =>
    clientId === graphClientId ? 'Microsoft Graph' : apps.client(clientId).name;
  const userName = (oid: string) => people.nameOf(oid) ?? oid;
  const grants = consents.list().map((consent) => {
    const app = appName(consent.clientId);
    const api = appName(consent.resourceId);
    return [
      app,
      api,
      consent.principalId === undefined ? 'All users' : userName(consent.principalId),
      [...consent.scopes].join(' '),
      actionButton({
        key,
        action: 'revoke-consent',
        target: consent.id,
        label: 'Take back',
        about: `${app} for ${api}`,
      }),
    ];
  });
  const demands = policies.list().map((policy) => {
    const subject = people.nameOf(policy.subject) ?? appName(policy.subject);
    return [
      subject,
      policy.api === undefined ? 'Every API' : appName(policy.api),
      policy.claims === undefined ? 'Access is blocked' : html`<code>${JSON.stringify(policy.claims)}</code>`,
      actionButton({
        key,
        action: 'lift-policy',
        target: policy.id,
        label: 'Lift',
        about: `policy for ${subject}`,
      }),
    ];
  });
  const names = people.told.map((name) => people.named(name, tenants.home).name);
  return html`${table(
    'Grants',
    ['App', 'API', 'For', 'Scopes', 'Actions'],
    grants,
    'No user has consented to anything yet.',
  )}
${table('Conditional Access', ['Who', 'API', 'Demands', 'Actions'], demands, 'There is no policy.')}
<h2>Add a policy</h2>
<form method="post" action="/portal/actions">
<input type="hidden" name="key" value="${key}"><input type="hidden" name="action" value="add-policy">
<label>User<input type="text" name="target" required maxlength="200" autocomplete="off" list="users"></label>
<datalist id="users">${names.map((name) => html`<option value="${name}"></option>`)}</datalist>
<label>API<select name="api"><option value="">Every API</option>${apps.told.map(({ name }) => html`<option value="${name}">${name}</option>`)}</select></label>
<label>Demands<select name="demand"><option value="c1">Authentication context c1</option><option value="block">Nothing helps: access is blocked</option></select></label>
<button class="main">Add the policy</button>
</form>`;
}
