import { apart, kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, notAUser, refused } from './outcome.js';
import { type Unknown, unknownOption } from './values.js';

export interface MembersNode {
  readonly kind: 'members';
  readonly unknown: Unknown;
}

export const members = kind<MembersNode, 'narrowing', [{ readonly unknown?: Unknown }]>({
  name: 'members',
  role: 'narrowing',
  callers: 'user',
  claims: ['acct'],
  build: (options) => ({ kind: 'members', unknown: unknownOption('members', options) }),
  print: ({ unknown }) => (unknown === 'allow' ? "{ unknown: 'allow' }" : ''),
  parse: (printed) => [printed.options()],
  read: (members) => [{ unknown: (members.text('unknown') ?? 'deny') as Unknown }],
  judge: ({ unknown }, { auth }) => {
    // Guests and members are users: an app that acts as itself is neither, whatever its token says.
    if (auth.kind !== 'user') return notAUser('guest_not_allowed', 'members()');
    if (auth.guest === true)
      return refused('guest_not_allowed', 'a member of the tenant', 'Guests may not do this.');
    if (auth.guest === false || unknown === 'allow') return GRANTED_FREELY;
    return refused(
      'guest_not_allowed',
      "the claim 'acct'",
      "The token does not say whether the user is a guest. Add the optional claim 'acct' to the API's access tokens (app registration, \"Token configuration\"), or use members({ unknown: 'allow' }).",
      'acct',
    );
  },
  scopes: NO_SCOPES,
  together: apart,
});
