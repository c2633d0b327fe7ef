import { apart, type BuiltKind, type JudgedFacts, kind, NO_SCOPES } from './kind.js';
import { GRANTED_FREELY, notAUser, nothing, type Outcome, refused } from './outcome.js';
import { guids, quoted, sorted, type Values } from './values.js';

export interface GroupsNode {
  readonly kind: 'inGroups' | 'inAnyGroup';
  /** Object IDs, in lower case. */
  readonly values: readonly string[];
}

export const inGroups = groupKind('inGroups');
export const inAnyGroup = groupKind('inAnyGroup');

const HINT =
  "Use the group's object ID as its overview page in Entra shows it. Names are for catalogues: definePermissions({ groups }).inGroups('Managers').";

function groupKind(name: GroupsNode['kind']): BuiltKind<GroupsNode, 'narrowing', Values> {
  const any = name === 'inAnyGroup';
  return kind<GroupsNode, 'narrowing', Values>({
    name,
    role: 'narrowing',
    callers: 'user',
    // No optional claim: the manifest's groupMembershipClaims decides which groups a token holds.
    claims: [],
    build: (...ids) => listOf(name, guids(name, 'group', ids, HINT)),
    print: ({ values }) => quoted(values),
    parse: (printed) => printed.texts() as Values,
    read: (members) => members.texts('values') as Values,
    judge: ({ values }, facts) => judgeGroups(any, values, facts),
    scopes: NO_SCOPES,
    together: any
      ? apart
      : (nodes) => [
          listOf(
            name,
            nodes.flatMap(({ values }) => values),
          ),
        ],
  });
}

/** A list in canonical form: any of one group is that group. */
function listOf(kind: GroupsNode['kind'], ids: readonly string[]): GroupsNode {
  const values = sorted(ids);
  return Object.freeze({ kind: values.length === 1 ? 'inGroups' : kind, values });
}

function judgeGroups(any: boolean, values: readonly string[], { auth, groups }: JudgedFacts): Outcome {
  if (auth.kind !== 'user') return notAUser('group_missing', any ? 'inAnyGroup(...)' : 'inGroups(...)');
  if (auth.groups === 'overage') {
    if (groups === undefined) return OVERAGE;
    if (groups === 'ask') return { state: 'pending', needs: nothing, waitsFor: 'groups' };
    return judgeHeld(any, values, groups);
  }
  // A token without the claim says nothing of groups: that is not the same as none.
  if (auth.groups.size === 0 && auth.claims.groups === undefined) return UNKNOWN;
  return judgeHeld(any, values, auth.groups);
}

interface Held extends Iterable<string> {
  has(id: string): boolean;
}

function judgeHeld(any: boolean, values: readonly string[], held: Held): Outcome {
  const lacking = values.filter((id) => !isIn(held, id));
  if (any ? lacking.length < values.length : lacking.length === 0) return GRANTED_FREELY;
  const which = lacking.join(any ? ' or ' : ', ');
  return refused(
    'group_missing',
    `the group ${which}`,
    `The user is not in the group (${which}). Add them to it, if they should be. A new token is needed before it shows.`,
  );
}

/** GUIDs mean the same in any case of letters. */
function isIn(held: Held, id: string): boolean {
  if (held.has(id)) return true;
  for (const one of held) if (one.toLowerCase() === id) return true;
  return false;
}

/** Entra: groups overage claim. */
const OVERAGE = refused(
  'groups_overage',
  'the groups of the user, who has too many for a token',
  'The user is in more groups than a token holds (200), and no place was configured to ask for them. Assign the groups that count to the application, and set groupMembershipClaims to ApplicationGroup in its manifest; or use app roles, with userRoles(...); or resolve the groups with Microsoft Graph: give the guard the option groupsOf.',
);

const UNKNOWN = refused(
  'group_missing',
  "the claim 'groups'",
  'The token does not say which groups the user is in. Set groupMembershipClaims in the manifest of the API\'s app registration ("Token configuration", "Add groups claim"): ApplicationGroup for groups that are assigned to the application, SecurityGroup for all security groups.',
  'groups',
);
