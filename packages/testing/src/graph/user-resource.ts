import type { Person } from '../directory/people.js';
import type { EntraServices } from '../endpoints/call.js';
import type { Resource } from './filter.js';
import { type GraphState, timeText } from './graph-call.js';
import type { Shape } from './query.js';

/** The properties of users that the local Graph has. */
export const userShape: Shape = {
  name: 'users',
  properties: [
    'id',
    'displayName',
    'givenName',
    'surname',
    'userPrincipalName',
    'mail',
    'mailNickname',
    'accountEnabled',
    'userType',
    'jobTitle',
    'department',
    'companyName',
    'employeeId',
    'employeeType',
    'officeLocation',
    'mobilePhone',
    'businessPhones',
    'preferredLanguage',
    'usageLocation',
    'createdDateTime',
    'signInSessionsValidFromDateTime',
    'onPremisesSyncEnabled',
  ],
  usual: [
    'businessPhones',
    'displayName',
    'givenName',
    'jobTitle',
    'mail',
    'mobilePhone',
    'officeLocation',
    'preferredLanguage',
    'surname',
    'userPrincipalName',
    'id',
  ],
};

/** The properties that `User.ReadBasic.All` shows of others. */
export const basicProperties: readonly string[] = [
  'id',
  'displayName',
  'givenName',
  'surname',
  'mail',
  'userPrincipalName',
];

/** Makes the `user` of Microsoft Graph. */
export function userResource(
  { people, accounts }: EntraServices,
  { startedAt }: GraphState,
  { name, oid, displayName, givenName, familyName, upn }: Person,
): Resource {
  const { disabled, sessionsValidFrom } = accounts.of(oid);
  return {
    mailNickname: upn.split('@')[0],
    userType: 'Member',
    mail: upn,
    businessPhones: [],
    onPremisesSyncEnabled: null,
    ...people.profileOf(name),
    id: oid,
    displayName,
    givenName,
    surname: familyName,
    userPrincipalName: upn,
    accountEnabled: !disabled,
    createdDateTime: timeText(startedAt),
    signInSessionsValidFromDateTime: timeText(sessionsValidFrom ?? startedAt),
  };
}
