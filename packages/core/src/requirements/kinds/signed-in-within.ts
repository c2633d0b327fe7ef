import { type Duration, printDuration, secondsOf } from '../../base/duration.js';
import { isAgentItself } from '../../caller/agent-involved.js';
import { kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY, notAUser, refused } from './outcome.js';

export interface SignedInWithinNode {
  readonly kind: 'signedInWithin';
  readonly seconds: number;
}

export const signedInWithin = kind<SignedInWithinNode, 'narrowing', [Duration]>({
  name: 'signedInWithin',
  role: 'narrowing',
  callers: 'user',
  claims: ['auth_time'],
  build: (duration) => ({
    kind: 'signedInWithin',
    seconds: secondsOf('signedInWithin(...)', duration),
  }),
  print: ({ seconds }) => `'${printDuration(seconds)}'`,
  parse: (printed) => [printed.text() as Duration],
  read: (members) => [members.number('seconds')],
  judge: ({ seconds }, { auth, now = Date.now() }) => {
    if (auth.kind !== 'user') return notAUser('sign_in_too_old', 'signedInWithin(...)');
    const signedIn = auth.claims.auth_time;
    if (typeof signedIn !== 'number' || !Number.isFinite(signedIn)) {
      return refused(
        'sign_in_too_old',
        "the claim 'auth_time'",
        "The token does not say when the user signed in. Add the optional claim 'auth_time' to the API's access tokens (app registration, \"Token configuration\").",
        'auth_time',
      );
    }
    if (now - signedIn * 1000 <= seconds * 1000) return GRANTED_FREELY;
    if (isAgentItself(auth)) {
      return refused(
        'sign_in_too_old',
        `a sign-in within the last ${seconds} seconds`,
        "The caller is an AI agent, which can't sign in again. A person has to do it.",
      );
    }
    return denied({}, DISTANCE.stepUp, {
      code: 'sign_in_too_old',
      missing: Object.freeze([`a sign-in within the last ${seconds} seconds`]),
      hint: 'The user has to sign in again; the client can ask for it with max_age or prompt=login.',
      stepUp: Object.freeze({ kind: 'sign-in', maxAgeSeconds: seconds }),
    });
  },
  scopes: NO_SCOPES,
  together: (nodes) => [
    Object.freeze({ kind: 'signedInWithin', seconds: Math.min(...nodes.map(({ seconds }) => seconds)) }),
  ],
});
