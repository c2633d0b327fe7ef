import type { Enough } from '../../base/errors.js';
import { ownMember } from '../../base/own-member.js';
import type { AuthContext } from '../../caller/auth-context.js';
import { apart, type BuiltKind, type JudgedFacts, type KindNode, kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, type Outcome } from './outcome.js';
import { assertPermissions } from './permission-value.js';
import { quoted, sorted, type Values } from './values.js';

/** Six kinds of permission lists: whose permission, and whether all or any of them are needed. */
export type PermissionKind =
  | 'scopes'
  | 'anyScope'
  | 'appPermissions'
  | 'anyAppPermission'
  | 'userRoles'
  | 'anyUserRole';

export interface PermissionNode {
  readonly kind: PermissionKind;
  readonly values: readonly string[];
}

/** The three ways in which a requirement asks for a permission. */
export type PermissionUse = 'scope' | 'application permission' | 'user role';

interface PermissionRule {
  readonly kind: PermissionKind;
  readonly caller: 'user' | 'app';
  readonly any: boolean;
  /** The kind that needs any of the same permissions; of one value it is the kind that needs all. */
  readonly anyKind: PermissionKind;
  readonly allKind: PermissionKind;
  readonly claim: 'scopes' | 'roles';
  readonly list: keyof Enough;
  readonly noun: PermissionUse;
}

const OF_SCOPES = { caller: 'user', claim: 'scopes', list: 'scopes', noun: 'scope' } as const;
const SCOPE_KINDS = { ...OF_SCOPES, allKind: 'scopes', anyKind: 'anyScope' } as const;
const SCOPES: PermissionRule = { kind: 'scopes', any: false, ...SCOPE_KINDS };
const ANY_SCOPE: PermissionRule = { kind: 'anyScope', any: true, ...SCOPE_KINDS };

const OF_ROLES = { caller: 'user', claim: 'roles', list: 'userRoles', noun: 'user role' } as const;
const ROLE_KINDS = { ...OF_ROLES, allKind: 'userRoles', anyKind: 'anyUserRole' } as const;
const USER_ROLES: PermissionRule = { kind: 'userRoles', any: false, ...ROLE_KINDS };
const ANY_USER_ROLE: PermissionRule = { kind: 'anyUserRole', any: true, ...ROLE_KINDS };

const APP_KINDS = {
  caller: 'app',
  claim: 'roles',
  list: 'appPermissions',
  noun: 'application permission',
  allKind: 'appPermissions',
  anyKind: 'anyAppPermission',
} as const;
const APP_PERMISSIONS: PermissionRule = { kind: 'appPermissions', any: false, ...APP_KINDS };
const ANY_APP_PERMISSION: PermissionRule = { kind: 'anyAppPermission', any: true, ...APP_KINDS };

/** A switch: it is asked on the way of each request. */
function ruleOf(kind: string): PermissionRule | undefined {
  switch (kind) {
    case 'scopes':
      return SCOPES;
    case 'anyScope':
      return ANY_SCOPE;
    case 'appPermissions':
      return APP_PERMISSIONS;
    case 'anyAppPermission':
      return ANY_APP_PERMISSION;
    case 'userRoles':
      return USER_ROLES;
    case 'anyUserRole':
      return ANY_USER_ROLE;
    default:
      return undefined;
  }
}

export function isPermission(node: KindNode): node is PermissionNode {
  return ruleOf(node.kind) !== undefined;
}

/** Whether it is one permission, and the caller has it: the common case, in which nothing has to be explained. */
export function isPermissionHeld(node: KindNode, auth: AuthContext): boolean {
  const rule = ruleOf(node.kind);
  return rule !== undefined && isGranted(rule, (node as PermissionNode).values, auth);
}

/** A list in canonical form: an "any" list of one value is the "all" list of that value. */
function listOf(rule: PermissionRule, values: Iterable<string>): PermissionNode {
  const list = sorted(values);
  return Object.freeze({ kind: list.length === 1 ? rule.allKind : rule.kind, values: list });
}

function permissionKind(rule: PermissionRule): BuiltKind<PermissionNode, 'grant', Values> {
  return kind<PermissionNode, 'grant', Values>({
    name: rule.kind,
    role: 'grant',
    callers: rule.caller,
    claims: [],
    build: (...values) => {
      assertPermissions(rule.kind, rule.claim, values);
      return listOf(rule, values);
    },
    print: ({ values }) => quoted(values),
    parse: (printed) => printed.texts() as Values,
    read: (members) => members.texts('values') as Values,
    judge: (node, facts) => judgePermission(rule, node.values, facts),
    scopes: scopesOf(rule),
    together: rule.any
      ? apart
      : (nodes) => [
          listOf(
            rule,
            nodes.flatMap(({ values }) => values),
          ),
        ],
  });
}

function scopesOf(rule: PermissionRule): (node: PermissionNode) => readonly (readonly string[])[] {
  if (rule.claim !== 'scopes') return NO_SCOPES;
  return rule.any ? ({ values }) => values.map((value) => [value]) : ({ values }) => [values];
}

export const scopes = permissionKind(SCOPES);
export const anyScope = permissionKind(ANY_SCOPE);
export const appPermissions = permissionKind(APP_PERMISSIONS);
export const anyAppPermission = permissionKind(ANY_APP_PERMISSION);
export const userRoles = permissionKind(USER_ROLES);
export const anyUserRole = permissionKind(ANY_USER_ROLE);

/** Lists inside one `anyOf` that are one "any" list together, and the other nodes, as they are. */
export function joined<N extends KindNode>(nodes: readonly N[]): readonly (N | PermissionNode)[] {
  const lists = new Map<PermissionKind, string[]>();
  const rest: N[] = [];
  for (const node of nodes) {
    const rule = ruleOf(node.kind);
    const values = rule === undefined ? [] : (node as unknown as PermissionNode).values;
    if (rule === undefined || !(values.length === 1 || rule.any)) rest.push(node);
    else lists.set(rule.anyKind, [...(lists.get(rule.anyKind) ?? []), ...values]);
  }
  return [...[...lists].map(([any, values]) => listOf(ruleOf(any) as PermissionRule, values)), ...rest];
}

/** Whether all that have the permissions of `given` surely have those of `needed`. */
export function listImplies(given: KindNode, needed: KindNode): boolean {
  if (!isPermission(given) || !isPermission(needed)) return false;
  const [have, need] = [ruleOf(given.kind) as PermissionRule, ruleOf(needed.kind) as PermissionRule];
  if (have.list !== need.list) return false;
  if (have.any) return need.any && given.values.every((value) => needed.values.includes(value));
  if (need.any) return given.values.some((value) => needed.values.includes(value));
  return needed.values.every((value) => given.values.includes(value));
}

/** How a permission of this kind is called. */
export function nounOf({ kind }: PermissionNode): PermissionUse {
  return (ruleOf(kind) as PermissionRule).noun;
}

function judgePermission(rule: PermissionRule, values: readonly string[], facts: JudgedFacts): Outcome {
  const { auth } = facts;
  if (isGranted(rule, values, auth) || isAssumed(rule, facts)) {
    const needs = (): Enough => needsOf(rule, rule.any ? [firstHeld(rule, values, auth)] : values);
    return { state: 'granted', needs };
  }
  const rightKind = auth.kind === rule.caller;
  const lacking = rightKind ? values.filter((value) => !auth[rule.claim].has(value)) : values;
  const needs = needsOf(rule, rule.any ? values.slice(0, 1) : values);
  const code = rule.claim === 'scopes' ? 'scope_missing' : 'role_missing';
  const named = rule.any
    ? [`${rule.noun} ${values.join(' or ')}`]
    : lacking.map((value) => `${rule.noun} ${value}`);
  return denied(needs, rightKind ? DISTANCE.permission * named.length : DISTANCE.otherKind, {
    code,
    missing: Object.freeze(named),
    hint: rightKind ? howToGet(rule, lacking) : wrongKind(rule, auth),
  });
}

/** What is judged as if the caller's token held every scope. An own member: no polluted prototype grants anything. */
function isAssumed(rule: PermissionRule, facts: JudgedFacts): boolean {
  return rule.claim === 'scopes' && facts.auth.kind === 'user' && ownMember(facts, 'assumeScopes') === true;
}

/** A caller of the right kind, who has all of the values, or any of them. */
function isGranted(rule: PermissionRule, values: readonly string[], auth: AuthContext): boolean {
  if (auth.kind !== rule.caller) return false;
  const held = auth[rule.claim];
  // One that is held decides for any, one that is not decides for all. By index: for-of over a frozen list takes longer.
  for (let at = 0; at < values.length; at++) if (held.has(values[at] as string) === rule.any) return rule.any;
  return !rule.any;
}

/** The first that the caller holds; the first of all where none is held, and all are assumed. */
function firstHeld(rule: PermissionRule, values: readonly string[], auth: AuthContext): string {
  return values.find((value) => auth[rule.claim].has(value)) ?? (values[0] as string);
}

function needsOf(rule: PermissionRule, values: readonly string[]): Enough {
  return Object.freeze({ [rule.list]: Object.freeze([...values]) });
}

function howToGet(rule: PermissionRule, lacking: readonly string[]): string {
  const names = lacking.join(', ');
  if (rule.list === 'scopes') {
    return `The client has to ask for the scope (${names}) of this API, and the user or an administrator has to consent. See the API's app registration, "Expose an API".`;
  }
  if (rule.list === 'userRoles') {
    return `Assign the app role (${names}) to the user or a group of theirs: enterprise application of the API, "Users and groups". A new sign-in is needed before it shows in tokens.`;
  }
  return `Grant the application permission (${names}) to the client: its app registration, "API permissions", with admin consent; for a managed identity assign the app role through Microsoft Graph.`;
}

function wrongKind(rule: PermissionRule, auth: AuthContext): string {
  if (rule.caller === 'user') {
    return `The caller is an app without a user (app-only token), and ${rule.noun}s exist only for signed-in users: client credentials ask for .default and get application permissions in roles, never scp. Let a user sign in, or allow the app with appPermissions(...).`;
  }
  const held =
    auth.roles.size > 0
      ? " A user's app role is not an application permission, even under the same name."
      : '';
  return `The caller acts for a signed-in user (delegated token), and application permissions exist only for apps without a user.${held} Use client credentials or a managed identity, or allow users with scopes(...).`;
}
