import type { App } from '../directory/apps.js';
import type { EntraServices } from '../endpoints/call.js';
import { type Html, html } from '../pages/html.js';
import { table } from './frame.js';

/** Lists the app registrations, and who holds which app role. */
export function appsSection({ apps, agents, managedIdentities }: EntraServices): Html {
  const rows = apps.told.map((app) => [
    html`${app.registration.displayName ?? app.name}<br><span class="soft">${app.applicationIdUri}</span>`,
    html`<code>${app.clientId}</code>`,
    listed(app.registration.scopes ?? []),
    listed(
      Object.entries(app.registration.appRoles ?? {}).map(
        ([role, members]) => `${role} (${members.join(', ')})`,
      ),
    ),
    listed(app.registration.redirectUris ?? []),
  ]);
  const identities = [
    ...managedIdentities.told.map((app) => [
      app.name,
      html`<code>${app.clientId}</code>`,
      'Managed identity',
    ]),
    ...agents.told.map(({ app, blueprint }) => [
      app.name,
      html`<code>${app.clientId}</code>`,
      `Agent, made from ${blueprint.name}`,
    ]),
  ];
  return html`${table(
    'App registrations',
    ['App', 'Client ID', 'Scopes', 'App roles', 'Redirect URIs'],
    rows,
    'No app is declared. Any client ID is one. Declare yours: startEntra({ apps: { orders: { scopes: [...] } } }).',
  )}
${table('Who holds which role', ['Holder', 'API', 'App roles'], apps.told.flatMap(holders), 'No role is assigned. Assign some in apps.<name>.assignments.')}
${table('Managed identities and agents', ['Name', 'Client ID', 'Kind'], identities, 'None is declared.')}`;
}

function holders(api: App): readonly (readonly string[])[] {
  return Object.entries(api.registration.assignments ?? {}).map(([name, roles]) => [
    name,
    api.name,
    roles.join(', '),
  ]);
}

function listed(items: readonly string[]): Html {
  return html`${items.map((item) => html`${item}<br>`)}`;
}
