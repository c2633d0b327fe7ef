import type { Needs } from './needs.js';

const both = (...permissions: readonly string[]): Needs => ({
  delegated: permissions,
  application: permissions,
});

const directoryReaders = ['Directory.Read.All', 'Directory.ReadWrite.All'];
const userReaders = ['User.ReadBasic.All', 'User.Read.All', 'User.ReadWrite.All', ...directoryReaders];
const groupReaders = [
  'GroupMember.Read.All',
  'GroupMember.ReadWrite.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  ...directoryReaders,
];
const applicationReaders = ['Application.Read.All', 'Application.ReadWrite.All', ...directoryReaders];
const applicationWriters = ['Application.ReadWrite.All'];
const ownReaders = ['User.Read', 'User.ReadWrite'];
const memberships: Needs = {
  ...both(
    'User.Read.All',
    'GroupMember.Read.All',
    'Group.Read.All',
    'User.ReadWrite.All',
    'Group.ReadWrite.All',
    ...directoryReaders,
  ),
  own: ownReaders,
};
const memberObjects: Needs = {
  ...both(
    'User.ReadBasic.All + GroupMember.Read.All',
    'User.Read.All + GroupMember.Read.All',
    'User.ReadBasic.All + Group.Read.All',
    'User.Read.All + Group.Read.All',
    ...directoryReaders,
  ),
  own: ['User.Read + GroupMember.Read.All', 'User.Read + Group.Read.All'],
};
const groupWriters = both('Group.ReadWrite.All', 'Directory.ReadWrite.All');
const memberWriters = both('GroupMember.ReadWrite.All', 'Group.ReadWrite.All', 'Directory.ReadWrite.All');
const assignmentWriters = both(
  'AppRoleAssignment.ReadWrite.All + Application.Read.All',
  'AppRoleAssignment.ReadWrite.All + Directory.Read.All',
  'AppRoleAssignment.ReadWrite.All + Application.ReadWrite.All',
);
const grantReaders = both(
  'DelegatedPermissionGrant.Read.All',
  'Directory.Read.All',
  'DelegatedPermissionGrant.ReadWrite.All',
  'Directory.ReadWrite.All',
);
const grantWriters = both('DelegatedPermissionGrant.ReadWrite.All', 'Directory.ReadWrite.All');
/** Of users or of groups: which of the two, the resource of the subscription decides. */
const subscribers = both(
  'User.Read.All',
  'GroupMember.Read.All',
  'Group.Read.All',
  'User.ReadWrite.All',
  'Group.ReadWrite.All',
  ...directoryReaders,
);

/** Permissions to read users, by which the resource of a subscription is judged. */
export const userSubscribers = ['User.Read.All', 'User.ReadWrite.All', ...directoryReaders];
/** Permissions to read groups, by which the resource of a subscription is judged. */
export const groupSubscribers = [
  'GroupMember.Read.All',
  'Group.Read.All',
  'Group.ReadWrite.All',
  ...directoryReaders,
];
/** Permissions to read all properties of users. Other callers get those of a basic profile. */
export const fullUserReaders = ['User.Read.All', 'User.ReadWrite.All', ...directoryReaders];
/** Permissions to change users. */
export const userWriters = ['User.ReadWrite.All', 'Directory.ReadWrite.All'];

/**
 * The permissions that each request needs, least privileged first, as the section "Permissions" of each page says.
 *
 * Source: https://learn.microsoft.com/graph/api/overview
 */
export const permissionTable = {
  'GET /me': { delegated: [...ownReaders, ...userReaders], application: [] },
  'PATCH /me': { delegated: ['User.ReadWrite', ...userWriters], application: [] },
  'GET /users': both(...userReaders),
  'GET /users/delta': both(...fullUserReaders),
  'GET /users/{user}': { ...both(...userReaders), own: ownReaders },
  'POST /users': both(...userWriters),
  'PATCH /users/{user}': {
    ...both(...userWriters, 'User.EnableDisableAccount.All + User.Read.All'),
    own: ['User.ReadWrite'],
  },
  'DELETE /users/{user}': both('User.DeleteRestore.All', 'User.ReadWrite.All'),
  'POST /users/{user}/revokeSignInSessions': both(
    'User.RevokeSessions.All',
    'User.ReadWrite.All',
    'Directory.ReadWrite.All',
  ),
  'GET /users/{user}/memberOf': memberships,
  'GET /users/{user}/transitiveMemberOf': memberships,
  'POST /users/{user}/getMemberObjects': memberObjects,
  'POST /users/{user}/getMemberGroups': memberObjects,
  'GET /groups': both(...groupReaders),
  'GET /groups/{group}': both(...groupReaders),
  'POST /groups': {
    delegated: groupWriters.delegated,
    application: ['Group.Create', ...groupWriters.application],
  },
  'PATCH /groups/{group}': groupWriters,
  'DELETE /groups/{group}': both('Group.ReadWrite.All'),
  'GET /groups/{group}/members': both(...groupReaders),
  'GET /groups/{group}/transitiveMembers': both(...groupReaders),
  'POST /groups/{group}/members/$ref': memberWriters,
  'DELETE /groups/{group}/members/{member}/$ref': memberWriters,
  'GET /servicePrincipals': both(...applicationReaders),
  'GET /servicePrincipals/{app}': both(...applicationReaders),
  'GET /servicePrincipals/{app}/appRoleAssignedTo': both(...applicationReaders),
  'POST /servicePrincipals/{app}/appRoleAssignedTo': assignmentWriters,
  'DELETE /servicePrincipals/{app}/appRoleAssignedTo/{assignment}': assignmentWriters,
  'GET /applications': both(...applicationReaders),
  'GET /applications/{app}': both(...applicationReaders),
  'PATCH /applications/{app}': both('Application.ReadWrite.All', 'Directory.ReadWrite.All'),
  'GET /applications/{app}/owners': both(...applicationReaders),
  'GET /applications/{app}/federatedIdentityCredentials': both('Application.Read.All', ...applicationWriters),
  'POST /applications/{app}/federatedIdentityCredentials': both(...applicationWriters),
  'DELETE /applications/{app}/federatedIdentityCredentials/{credential}': both(...applicationWriters),
  'GET /oauth2PermissionGrants': grantReaders,
  'GET /oauth2PermissionGrants/{grant}': grantReaders,
  'POST /oauth2PermissionGrants': grantWriters,
  'PATCH /oauth2PermissionGrants/{grant}': grantWriters,
  'DELETE /oauth2PermissionGrants/{grant}': grantWriters,
  'GET /subscriptions': subscribers,
  'GET /subscriptions/{subscription}': subscribers,
  'POST /subscriptions': subscribers,
  'PATCH /subscriptions/{subscription}': subscribers,
  'DELETE /subscriptions/{subscription}': subscribers,
  'POST /subscriptions/{subscription}/reauthorize': subscribers,
} as const satisfies Readonly<Record<string, Needs>>;

/** A request that the local Graph answers. */
export type RouteName = keyof typeof permissionTable;
