import type { ErrorCode } from '../base/errors.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { CheckNode, NarrowingNode } from './node.js';
import { DISTANCE, denied, GRANTED_FREELY, type Outcome } from './outcome.js';

type Refuse = (code: ErrorCode, missing: string, hint: string, claim?: string) => Outcome;

export function judgeNarrowing(
  node: Exclude<NarrowingNode, CheckNode>,
  auth: AuthContext,
  now: number | undefined,
): Outcome {
  const granted = GRANTED_FREELY;
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
      return judgeSignIn(node.seconds, auth, now ?? Date.now(), granted, refuse);
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
