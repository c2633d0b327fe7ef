import type { Enough } from '../base/errors.js';
import type { AuthContext } from '../caller/auth-context.js';
import { isPermission, type PermissionNode, type RequirementNode } from './node.js';
import { DISTANCE, denied, GRANTED_FREELY, type Outcome } from './outcome.js';

interface PermissionRule {
  readonly caller: 'user' | 'app';
  readonly any: boolean;
  readonly claim: 'scopes' | 'roles';
  readonly list: keyof Enough;
  readonly noun: string;
}

const RULES: Readonly<Record<PermissionNode['kind'], PermissionRule>> = {
  scopes: { caller: 'user', any: false, claim: 'scopes', list: 'scopes', noun: 'scope' },
  anyScope: { caller: 'user', any: true, claim: 'scopes', list: 'scopes', noun: 'scope' },
  userRoles: { caller: 'user', any: false, claim: 'roles', list: 'userRoles', noun: 'user role' },
  anyUserRole: { caller: 'user', any: true, claim: 'roles', list: 'userRoles', noun: 'user role' },
  appPermissions: {
    caller: 'app',
    any: false,
    claim: 'roles',
    list: 'appPermissions',
    noun: 'application permission',
  },
  anyAppPermission: {
    caller: 'app',
    any: true,
    claim: 'roles',
    list: 'appPermissions',
    noun: 'application permission',
  },
};

/** Whether it is one permission, and the caller has it: most often so, and then nothing is to be explained. */
export function isPermissionHeld(node: RequirementNode, auth: AuthContext): boolean {
  return isPermission(node) && isGranted(RULES[node.kind], node.values, auth);
}

export function judgePermission(node: PermissionNode, auth: AuthContext): Outcome {
  const rule = RULES[node.kind];
  if (isGranted(rule, node.values, auth)) {
    const needs = (): Enough => needsOf(rule, rule.any ? [firstHeld(rule, node.values, auth)] : node.values);
    return { state: 'granted', needs };
  }
  const rightKind = auth.kind === rule.caller;
  const lacking = rightKind ? node.values.filter((value) => !auth[rule.claim].has(value)) : node.values;
  const needs = needsOf(rule, rule.any ? node.values.slice(0, 1) : node.values);
  const code = rule.claim === 'scopes' ? 'scope_missing' : 'role_missing';
  const named = rule.any
    ? [`${rule.noun} ${node.values.join(' or ')}`]
    : lacking.map((value) => `${rule.noun} ${value}`);
  return denied(needs, rightKind ? DISTANCE.permission * named.length : DISTANCE.otherKind, {
    code,
    missing: Object.freeze(named),
    hint: rightKind ? howToGet(rule, lacking) : wrongKind(rule, auth),
  });
}

/** A caller of the right kind, who has all of the values, or any of them. */
function isGranted(rule: PermissionRule, values: readonly string[], auth: AuthContext): boolean {
  if (auth.kind !== rule.caller) return false;
  const held = auth[rule.claim];
  // One that is held decides for any, one that is not decides for all. By index: for-of over a frozen list takes longer.
  for (let at = 0; at < values.length; at++) if (held.has(values[at] as string) === rule.any) return rule.any;
  return !rule.any;
}

function firstHeld(rule: PermissionRule, values: readonly string[], auth: AuthContext): string {
  return values.find((value) => auth[rule.claim].has(value)) as string;
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
    return `The caller came as an app by itself (app-only token), and ${rule.noun}s exist only for signed-in users: client credentials ask for .default and get application permissions in roles, never scp. Let a user sign in, or allow the app with appPermissions(...).`;
  }
  const held =
    auth.roles.size > 0
      ? " A user's app role is not an application permission, even under the same name."
      : '';
  return `The caller came for a signed-in user (delegated token), and application permissions exist only for apps by themselves.${held} Use client credentials or a managed identity, or allow users with scopes(...).`;
}

export function judgeAuthenticated(unassignedApps: boolean, auth: AuthContext): Outcome {
  const hasPermission = auth.scopes.size > 0 || auth.roles.size > 0;
  if (hasPermission || (unassignedApps && auth.kind === 'app')) return GRANTED_FREELY;
  return denied({}, DISTANCE.fixed, {
    code: 'token_without_permissions',
    missing: Object.freeze(['any scope or role']),
    hint: 'Every app of the tenant can get such a token. Assign an app role of this API to the app, or allow it on purpose with authenticated({ unassignedApps: true }).',
  });
}
