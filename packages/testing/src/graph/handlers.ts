import { getApplication, getApplications, patchApplication } from './applications.js';
import { deleteAssignedTo, getAssignedTo, postAssignedTo } from './assignments.js';
import { usersDelta } from './delta.js';
import {
  deleteFederatedCredential,
  getFederatedCredentials,
  postFederatedCredential,
} from './federated-credentials.js';
import { deleteGrant, getGrant, getGrants, patchGrant, postGrant } from './grants.js';
import type { GraphHandler } from './graph-call.js';
import {
  deleteGroup,
  deleteMember,
  getGroup,
  getGroups,
  getMemberOf,
  getMembers,
  getTransitiveMemberOf,
  getTransitiveMembers,
  patchGroup,
  postGroup,
  postMember,
  postMemberObjects,
} from './groups.js';
import { getOwners } from './owners.js';
import type { RouteName } from './permission-table.js';
import { getPrincipal, getPrincipals } from './principals.js';
import {
  deleteSubscription,
  getSubscription,
  getSubscriptions,
  patchSubscription,
  postSubscription,
  reauthorize,
} from './subscription-routes.js';
import {
  deleteUser,
  getMe,
  getUser,
  getUsers,
  patchMe,
  patchUser,
  postUser,
  revokeSignInSessions,
} from './users.js';

/** What answers each request. */
export const handlers: Readonly<Record<RouteName, GraphHandler>> = {
  'GET /me': getMe,
  'PATCH /me': patchMe,
  'GET /users': getUsers,
  'GET /users/delta': usersDelta,
  'GET /users/{user}': getUser,
  'POST /users': postUser,
  'PATCH /users/{user}': patchUser,
  'DELETE /users/{user}': deleteUser,
  'POST /users/{user}/revokeSignInSessions': revokeSignInSessions,
  'GET /users/{user}/memberOf': getMemberOf,
  'GET /users/{user}/transitiveMemberOf': getTransitiveMemberOf,
  'POST /users/{user}/getMemberObjects': postMemberObjects,
  'POST /users/{user}/getMemberGroups': postMemberObjects,
  'GET /groups': getGroups,
  'GET /groups/{group}': getGroup,
  'POST /groups': postGroup,
  'PATCH /groups/{group}': patchGroup,
  'DELETE /groups/{group}': deleteGroup,
  'GET /groups/{group}/members': getMembers,
  'GET /groups/{group}/transitiveMembers': getTransitiveMembers,
  'POST /groups/{group}/members/$ref': postMember,
  'DELETE /groups/{group}/members/{member}/$ref': deleteMember,
  'GET /servicePrincipals': getPrincipals,
  'GET /servicePrincipals/{app}': getPrincipal,
  'GET /servicePrincipals/{app}/appRoleAssignedTo': getAssignedTo,
  'POST /servicePrincipals/{app}/appRoleAssignedTo': postAssignedTo,
  'DELETE /servicePrincipals/{app}/appRoleAssignedTo/{assignment}': deleteAssignedTo,
  'GET /applications': getApplications,
  'GET /applications/{app}': getApplication,
  'PATCH /applications/{app}': patchApplication,
  'GET /applications/{app}/owners': getOwners,
  'GET /applications/{app}/federatedIdentityCredentials': getFederatedCredentials,
  'POST /applications/{app}/federatedIdentityCredentials': postFederatedCredential,
  'DELETE /applications/{app}/federatedIdentityCredentials/{credential}': deleteFederatedCredential,
  'GET /oauth2PermissionGrants': getGrants,
  'GET /oauth2PermissionGrants/{grant}': getGrant,
  'POST /oauth2PermissionGrants': postGrant,
  'PATCH /oauth2PermissionGrants/{grant}': patchGrant,
  'DELETE /oauth2PermissionGrants/{grant}': deleteGrant,
  'GET /subscriptions': getSubscriptions,
  'GET /subscriptions/{subscription}': getSubscription,
  'POST /subscriptions': postSubscription,
  'PATCH /subscriptions/{subscription}': patchSubscription,
  'DELETE /subscriptions/{subscription}': deleteSubscription,
  'POST /subscriptions/{subscription}/reauthorize': reauthorize,
};
