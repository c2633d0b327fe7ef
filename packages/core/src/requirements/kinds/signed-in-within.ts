import { ConfigurationError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY, notAUser, refused } from './outcome.js';

export interface SignedInWithinNode {
  readonly kind: 'signedInWithin';
  readonly seconds: number;
}

export const signedInWithin = kind<SignedInWithinNode, 'narrowing', [string]>({
  name: 'signedInWithin',
  role: 'narrowing',
  callers: 'user',
  claims: ['auth_time'],
  build: (duration) => {
    const match = typeof duration === 'string' ? /^([1-9][0-9]{0,7})([smhd])$/.exec(duration) : null;
    const unit = { s: 1, m: 60, h: 3600, d: 86_400 }[match?.[2] ?? ''];
    if (match === null || unit === undefined) {
      throw new ConfigurationError(
        `signedInWithin() was given ${printable(duration)}.`,
        "Write a whole number and a unit, s, m, h or d: signedInWithin('15m').",
      );
    }
    return { kind: 'signedInWithin', seconds: Number(match[1]) * unit };
  },
  print: ({ seconds }) => `'${printDuration(seconds)}'`,
  parse: (printed) => [printed.text() as string],
  read: (members) => [printDuration(members.number('seconds'))],
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
    return denied({}, DISTANCE.stepUp, {
      code: 'sign_in_too_old',
      missing: Object.freeze([`a sign-in within the last ${seconds} seconds`]),
      hint: 'The user has to sign in again; the client can ask for it with max_age or prompt=login.',
      stepUp: Object.freeze({ kind: 'sign-in', maxAge: seconds }),
    });
  },
  scopes: NO_SCOPES,
  together: (nodes) => [
    Object.freeze({ kind: 'signedInWithin', seconds: Math.min(...nodes.map(({ seconds }) => seconds)) }),
  ],
});

function printDuration(seconds: number): string {
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  if (seconds % 3600 === 0) return `${seconds / 3600}h`;
  if (seconds % 60 === 0) return `${seconds / 60}m`;
  return `${seconds}s`;
}
