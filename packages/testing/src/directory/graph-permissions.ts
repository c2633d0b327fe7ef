import { invalidOption } from './invalid-option.js';
import { nearestName } from './nearest-name.js';

/**
 * Application permissions of Microsoft Graph that a registration may name. Those of the directory are enforced; the local Graph has
 * nothing that the others are for.
 *
 * Source: https://learn.microsoft.com/graph/permissions-reference
 */
export const graphApplicationPermissions: readonly string[] = [
  'AdministrativeUnit.Read.All',
  'AdministrativeUnit.ReadWrite.All',
  'AppRoleAssignment.ReadWrite.All',
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'AuditLog.Read.All',
  'Calendars.Read',
  'Calendars.ReadWrite',
  'ChannelMessage.Read.All',
  'Chat.Read.All',
  'Contacts.Read',
  'Contacts.ReadWrite',
  'DelegatedPermissionGrant.Read.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'Device.Read.All',
  'Device.ReadWrite.All',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
  'Domain.Read.All',
  'Files.Read.All',
  'Files.ReadWrite.All',
  'Group.Create',
  'Group.Read.All',
  'Group.ReadWrite.All',
  'GroupMember.Read.All',
  'GroupMember.ReadWrite.All',
  'IdentityRiskyUser.Read.All',
  'Mail.Read',
  'Mail.ReadBasic.All',
  'Mail.ReadWrite',
  'Mail.Send',
  'MailboxSettings.Read',
  'Organization.Read.All',
  'Policy.Read.All',
  'Presence.Read.All',
  'Reports.Read.All',
  'RoleManagement.Read.Directory',
  'RoleManagement.ReadWrite.Directory',
  'SecurityEvents.Read.All',
  'Sites.Read.All',
  'Sites.ReadWrite.All',
  'Sites.Selected',
  'Tasks.Read.All',
  'Team.ReadBasic.All',
  'TeamMember.Read.All',
  'TeamsActivity.Send',
  'User.DeleteRestore.All',
  'User.EnableDisableAccount.All',
  'User.Export.All',
  'User.Invite.All',
  'User.ManageIdentities.All',
  'User.Read.All',
  'User.ReadBasic.All',
  'User.ReadWrite.All',
  'User.RevokeSessions.All',
];

const known = new Set(graphApplicationPermissions);

/**
 * Checks the member `graph` of a registration.
 * @throws {LocalEntraError} `option_invalid`
 */
export function assertGraphPermissions(app: string, given: unknown): void {
  if (given === undefined) return;
  if (!Array.isArray(given)) {
    throw invalidOption(
      `apps.${app}.graph is not a list. Write application permissions of Microsoft Graph: ['User.Read.All'].`,
    );
  }
  for (const [index, name] of (given as readonly unknown[]).entries()) {
    if (typeof name === 'string' && known.has(name)) continue;
    const near = typeof name === 'string' ? nearestName(name, graphApplicationPermissions) : undefined;
    throw invalidOption(
      `apps.${app}.graph[${index}] is ${JSON.stringify(name)}, which is not an application permission of Microsoft Graph that the local Entra knows. ${
        near === undefined ? 'Write one such as "User.Read.All".' : `Did you mean "${near}"?`
      }`,
    );
  }
}
