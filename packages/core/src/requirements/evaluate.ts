import type { AuthContext } from '../auth/auth-context.js';
import { ConfigurationError, type Enough, type ErrorCode } from '../errors.js';
import { assertDecides } from './build.js';
import { sorted } from './canonical.js';
import {
  type CheckNode,
  isPermission,
  type NarrowingNode,
  type PermissionNode,
  type RequirementNode,
} from './node.js';
import type { Requirement } from './requirement.js';

/** Why a caller may not, and what would have been enough. */
export interface Denial {
  readonly granted: false;
  readonly code: ErrorCode;
  /** What the caller lacks, in words, one entry each. */
  readonly missing: readonly string[];
  /** The smallest set of permissions that would have been enough; short names. Empty where no permission is lacking. */
  readonly enough: Enough;
  /** The optional claim without which it can't be judged, where that is the reason. */
  readonly claim?: string;
  /** What to change, and where. */
  readonly hint: string;
  /** Set when nothing but a stronger or fresher sign-in is missing, and the client can be asked for one. */
  readonly stepUp?:
    | { readonly kind: 'claims'; readonly id: string }
    | { readonly kind: 'sign-in'; readonly maxAge: number };
  /** Whether the refusal should look as if the thing did not exist. */
  readonly hidden: boolean;
}

/** What {@link evaluate} answers. */
export type Decision = { readonly granted: true } | Denial;

/**
 * Judges a requirement. Pure: no clock but `now`, no I/O.
 *
 * @param options.now milliseconds since the epoch; default `Date.now()`
 * @throws ConfigurationError for a requirement that holds a `check()`: use {@link authorize} for those
 */
export function evaluate(
  requirement: Requirement,
  auth: AuthContext,
  options: { readonly now?: number } = {},
): Decision {
  assertDecides('evaluate(...)', requirement);
  const outcome = judge(requirement.node, auth, options.now ?? Date.now(), NO_ANSWERS);
  if (outcome.state === 'pending') {
    throw new ConfigurationError(
      `evaluate() was given ${requirement}, which holds a check that has to be run.`,
      'Use await authorize(requirement, auth, { request }) for it.',
    );
  }
  return outcome.state === 'granted' ? GRANTED : outcome.denial;
}

const GRANTED: Decision = Object.freeze({ granted: true });
const NO_ANSWERS: ReadonlyMap<CheckNode, boolean> = new Map();

/** What the judging of one node came to. `needs` is the smallest set of permissions that satisfies it. */
export type Outcome =
  | { readonly state: 'granted'; readonly needs: Enough }
  | { readonly state: 'pending'; readonly needs: Enough; readonly check: CheckNode }
  | { readonly state: 'denied'; readonly needs: Enough; readonly denial: Denial; readonly distance: number };

/** How far a caller is from being let in: what they can't change weighs most. */
const DISTANCE = { otherKind: 1000, fixed: 100, permission: 1, stepUp: 0.01 } as const;

/** Judges a node, given the answers of the checks that have run; `pending` names the next check to run. */
export function judge(
  node: RequirementNode,
  auth: AuthContext,
  now: number,
  answers: ReadonlyMap<CheckNode, boolean>,
): Outcome {
  if (isPermission(node)) return judgePermission(node, auth);
  switch (node.kind) {
    case 'anonymous':
      return { state: 'granted', needs: {} };
    case 'authenticated':
      return judgeAuthenticated(node.unassignedApps, auth);
    case 'allOf':
      return judgeAll(node.of.map((part) => judge(part, auth, now, answers)));
    case 'anyOf':
      return judgeAny(node.of.map((part) => judge(part, auth, now, answers)));
    case 'check':
      return judgeCheck(node, answers);
    default:
      return judgeNarrowing(node, auth, now);
  }
}

function judgeAll(parts: readonly Outcome[]): Outcome {
  const needs = union(parts.map((part) => part.needs));
  const denied = parts.filter((part) => part.state === 'denied');
  // What can't be changed is named first; a challenge to step up only where nothing else is in the way.
  const [worst] = [...denied].sort((a, b) => b.distance - a.distance);
  if (worst) {
    const missing = denied.flatMap((part) => part.denial.missing);
    // To name permissions that the caller has would send the client round in circles.
    const enough = denied.some((part) => Object.keys(part.denial.enough).length > 0) ? needs : {};
    return {
      state: 'denied',
      needs,
      distance: denied.reduce((sum, part) => sum + part.distance, 0),
      denial: Object.freeze({ ...worst.denial, missing: Object.freeze(missing), enough }),
    };
  }
  const pending = parts.find((part) => part.state === 'pending');
  return pending ? { ...pending, needs } : { state: 'granted', needs };
}

function judgeAny(branches: readonly Outcome[]): Outcome {
  const open =
    branches.find((branch) => branch.state === 'granted') ?? branches.find((b) => b.state === 'pending');
  if (open) return open;
  const denied = branches.filter((branch) => branch.state === 'denied');
  return denied.reduce((nearest, next) => (next.distance < nearest.distance ? next : nearest));
}

function union(all: readonly Enough[]): Enough {
  const merge = (pick: (part: Enough) => readonly string[] | undefined) =>
    sorted(all.flatMap((part) => pick(part) ?? []));
  const merged = {
    scopes: merge((part) => part.scopes),
    userRoles: merge((part) => part.userRoles),
    appPermissions: merge((part) => part.appPermissions),
  };
  return Object.freeze(Object.fromEntries(Object.entries(merged).filter(([, list]) => list.length > 0)));
}

function denied(
  needs: Enough,
  distance: number,
  facts: Pick<Denial, 'code' | 'missing' | 'hint'> & Partial<Pick<Denial, 'stepUp' | 'hidden' | 'claim'>>,
): Outcome {
  const denial: Denial = Object.freeze({ granted: false, hidden: false, enough: needs, ...facts });
  return { state: 'denied', needs, distance, denial };
}

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

function judgePermission(node: PermissionNode, auth: AuthContext): Outcome {
  const rule = RULES[node.kind];
  const rightKind = auth.kind === rule.caller;
  const held = (value: string): boolean => rightKind && auth[rule.claim].has(value);
  const lacking = node.values.filter((value) => !held(value));
  const wanted = rule.any ? (node.values.find(held) ?? node.values[0]) : undefined;
  const needs: Enough = Object.freeze({
    [rule.list]: Object.freeze(wanted === undefined ? [...node.values] : [wanted]),
  });
  const granted = rule.any ? lacking.length < node.values.length : lacking.length === 0;
  if (rightKind && granted) return { state: 'granted', needs };
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

function judgeAuthenticated(unassignedApps: boolean, auth: AuthContext): Outcome {
  const hasPermission = auth.scopes.size > 0 || auth.roles.size > 0;
  if (hasPermission || (unassignedApps && auth.kind === 'app')) return { state: 'granted', needs: {} };
  return denied({}, DISTANCE.fixed, {
    code: 'token_without_permissions',
    missing: Object.freeze(['any scope or role']),
    hint: 'Every app of the tenant can get such a token. Assign an app role of this API to the app, or allow it on purpose with authenticated({ unassignedApps: true }).',
  });
}

function judgeCheck(node: CheckNode, answers: ReadonlyMap<CheckNode, boolean>): Outcome {
  const answer = answers.get(node);
  if (answer === undefined) return { state: 'pending', needs: {}, check: node };
  if (answer) return { state: 'granted', needs: {} };
  return denied({}, DISTANCE.fixed, {
    code: 'check_refused',
    missing: Object.freeze([`check '${node.name}'`]),
    hint: `The API's own check '${node.name}' did not return true for this caller.`,
    hidden: node.otherwise === 'not-found',
  });
}

function judgeNarrowing(node: Exclude<NarrowingNode, CheckNode>, auth: AuthContext, now: number): Outcome {
  const granted: Outcome = { state: 'granted', needs: {} };
  const refuse: Refuse = (code, missing, hint, claim) =>
    denied({}, DISTANCE.fixed, {
      code,
      missing: Object.freeze([missing]),
      hint,
      ...(claim === undefined ? {} : { claim }),
    });
  switch (node.kind) {
    case 'delegated':
    case 'appOnly': {
      const kind = node.kind === 'delegated' ? 'user' : 'app';
      if (auth.kind === kind) return granted;
      return denied({}, DISTANCE.otherKind, {
        code: 'caller_kind_not_allowed',
        missing: Object.freeze([kind === 'user' ? 'a signed-in user' : 'an app by itself']),
        hint: `Only ${kind === 'user' ? 'delegated tokens (a signed-in user)' : 'app-only tokens (client credentials or a managed identity)'} may do this.`,
      });
    }
    case 'clients':
      if (node.values.includes(auth.clientId)) return granted;
      return refuse(
        'client_not_allowed',
        'an accepted client application',
        `The client ${auth.clientId} is not on this requirement's list (${node.values.join(', ')}). Add it in clients(...) if it should be.`,
      );
    case 'inTenants':
      if (node.values.includes(auth.tenantId)) return granted;
      return refuse(
        'tenant_not_accepted',
        'an accepted tenant',
        `The caller's tenant ${auth.tenantId} is not on this requirement's list. Add it in inTenants(...) if it should be.`,
      );
    case 'members':
      return judgeMembers(node.unknown, auth, granted, refuse);
    case 'noAgents':
      return judgeAgents(node.unknown, auth, granted, refuse);
    case 'authContext':
      return judgeAuthContext(node.id, auth, granted);
    case 'signedInWithin':
      return judgeSignIn(node.seconds, auth, now, granted, refuse);
  }
}

/** Guests and members are users: an app by itself is neither, whatever its token says. */
function judgeMembers(
  unknown: 'deny' | 'allow',
  auth: AuthContext,
  granted: Outcome,
  refuse: Refuse,
): Outcome {
  if (auth.kind !== 'user') return notAUser('guest_not_allowed', 'members()');
  if (auth.guest === false || (auth.guest === undefined && unknown === 'allow')) return granted;
  return auth.guest === undefined
    ? refuse(
        'guest_not_allowed',
        "the claim 'acct'",
        "The token does not say whether the user is a guest. Add the optional claim 'acct' to the API's access tokens (app registration, \"Token configuration\"), or use members({ unknown: 'allow' }).",
        'acct',
      )
    : refuse('guest_not_allowed', 'a member of the tenant', 'Guests may not do this.');
}

function notAUser(code: ErrorCode, requirement: string): Outcome {
  return denied({}, DISTANCE.otherKind, {
    code,
    missing: Object.freeze(['a signed-in user']),
    hint: `Only signed-in users can satisfy ${requirement}; an app by itself never can.`,
  });
}

type Refuse = (code: ErrorCode, missing: string, hint: string, claim?: string) => Outcome;

function judgeAgents(
  unknown: 'deny' | 'allow',
  auth: AuthContext,
  granted: Outcome,
  refuse: Refuse,
): Outcome {
  const { actor, subject } = auth.agent ?? { actor: undefined, subject: undefined };
  if (actor === true || subject === true) {
    return refuse('agent_not_allowed', 'a caller without an AI agent', 'AI agents may not do this.');
  }
  if ((actor === false && subject === false) || unknown === 'allow') return granted;
  return refuse(
    'agent_not_allowed',
    "the claims 'xms_act_fct' and 'xms_sub_fct'",
    "The token does not say whether an AI agent is involved. Add the optional claims 'xms_act_fct', 'xms_sub_fct' and 'xms_par_app_azp' to the API's access tokens, or use noAgents({ unknown: 'allow' }).",
    'xms_act_fct',
  );
}

function judgeAuthContext(id: string, auth: AuthContext, granted: Outcome): Outcome {
  if (auth.kind !== 'user') return notAUser('step_up_required', 'authContext(...)');
  if (auth.authenticationContexts.has(id)) return granted;
  const missing = Object.freeze([`authentication context ${id}`]);
  const capabilities = auth.claims.xms_cc;
  // Entra: claims challenge. Values of xms_cc are not case-sensitive; without the claim nothing is known of the client.
  const canStepUp =
    !Array.isArray(capabilities) || capabilities.some((c) => String(c).toLowerCase() === 'cp1');
  return denied({}, canStepUp ? DISTANCE.stepUp : DISTANCE.fixed, {
    code: 'step_up_required',
    missing,
    hint: canStepUp
      ? `The client has to ask Entra for a token with the claims of the challenge (authentication context ${id}).`
      : `The user needs authentication context ${id}, and the client does not declare that it understands claims challenges (client capability cp1).`,
    ...(canStepUp ? { stepUp: Object.freeze({ kind: 'claims', id }) } : {}),
  });
}

function judgeSignIn(
  seconds: number,
  auth: AuthContext,
  now: number,
  granted: Outcome,
  refuse: Refuse,
): Outcome {
  if (auth.kind !== 'user') return notAUser('sign_in_too_old', 'signedInWithin(...)');
  const signedIn = auth.claims.auth_time;
  if (typeof signedIn !== 'number' || !Number.isFinite(signedIn)) {
    return refuse(
      'sign_in_too_old',
      "the claim 'auth_time'",
      "The token does not say when the user signed in. Add the optional claim 'auth_time' to the API's access tokens (app registration, \"Token configuration\").",
      'auth_time',
    );
  }
  if (now - signedIn * 1000 <= seconds * 1000) return granted;
  return denied({}, DISTANCE.stepUp, {
    code: 'sign_in_too_old',
    missing: Object.freeze([`a sign-in within the last ${seconds} seconds`]),
    hint: 'The user has to sign in again; the client can ask for it with max_age or prompt=login.',
    stepUp: Object.freeze({ kind: 'sign-in', maxAge: seconds }),
  });
}
