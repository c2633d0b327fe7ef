import type { EntraServices } from '../endpoints/call.js';
import { type Html, html } from '../pages/html.js';
import { actionButton } from './action-button.js';
import { table } from './frame.js';

/** Lists the declared users and the groups. */
export function peopleSection(entra: EntraServices, key: string): Html {
  const { people, groups, tenants, accounts } = entra;
  const users = people.told.map((name) => people.named(name, tenants.home));
  const nameOf = new Map(users.map(({ oid, name }) => [oid, name]));
  const userRows = users.map((person) => {
    const { disabled, removed, sessionsValidFrom } = accounts.of(person.oid);
    const on = (action: string, label: string) =>
      actionButton({ key, action, target: person.name, label, about: person.displayName });
    return [
      html`${person.displayName}<br><span class="soft">${person.upn}</span>`,
      html`<code>${person.oid}</code>`,
      html`${removed ? 'Removed' : disabled ? 'Disabled' : 'Enabled'}${people.isAdmin(person) && ', administrator'}${
        sessionsValidFrom !== undefined &&
        html`<br><span class="soft">Sign-ins count from ${new Date(sessionsValidFrom).toISOString()}</span>`
      }`,
      groups
        .transitiveOf(person.oid)
        .map(({ displayName }) => displayName)
        .join(', '),
      html`<div class="actions">${
        removed
          ? on('restore', 'Restore')
          : [
              disabled ? on('enable', 'Enable') : on('disable', 'Disable'),
              on('revoke-sessions', 'Revoke sessions'),
              on('remove', 'Remove'),
            ]
      }</div>`,
    ];
  });
  const groupRows = groups
    .list()
    .map((group) => [
      group.displayName,
      html`<code>${group.id}</code>`,
      [...group.members].map((id) => nameOf.get(id) ?? groups.find(id)?.displayName ?? id).join(', '),
    ]);
  return html`${table(
    'Users',
    ['User', 'Object ID', 'Account', 'Groups', 'Actions'],
    userRows,
    'No user is declared. Any name is a user. Name those whom the pages should list: startEntra({ users: { ada: {} } }).',
  )}
${table(
  'Groups',
  ['Group', 'Object ID', 'Members'],
  groupRows,
  "There are no groups. Add some: startEntra({ groups: { staff: ['ada'] } }).",
)}`;
}
