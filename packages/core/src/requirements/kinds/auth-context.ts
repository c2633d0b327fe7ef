import { ConfigurationError } from '../../base/errors.js';
import { printable } from '../../base/printable.js';
import { isAgentItself } from '../../caller/agent-involved.js';
import { answersChallenges } from '../../caller/client-capabilities.js';
import { apart, kind, NO_SCOPES } from './kind.js';
import { DISTANCE, denied, GRANTED_FREELY, notAUser } from './outcome.js';

export interface AuthContextNode {
  readonly kind: 'authContext';
  /** `c1` to `c99`. */
  readonly id: string;
}

export const authContext = kind<AuthContextNode, 'narrowing', [string]>({
  name: 'authContext',
  role: 'narrowing',
  callers: 'user',
  claims: ['acrs', 'xms_cc'],
  build: (id) => {
    if (typeof id === 'string' && /^c[1-9][0-9]?$/i.test(id)) {
      return { kind: 'authContext', id: id.toLowerCase() };
    }
    throw new ConfigurationError(
      `authContext() was given ${printable(id)}.`,
      "Authentication contexts are called c1 to c99 in Entra: authContext('c1').",
    );
  },
  print: ({ id }) => `'${id}'`,
  parse: (printed) => [printed.text() as string],
  read: (members) => [members.text('id') as string],
  judge: ({ id }, { auth }) => {
    if (auth.kind !== 'user') return notAUser('step_up_required', 'authContext(...)');
    if (auth.authenticationContexts.has(id)) return GRANTED_FREELY;
    const missing = Object.freeze([`authentication context ${id}`]);
    const itself = isAgentItself(auth);
    const canStepUp = !itself && answersChallenges(auth) !== false;
    return denied({}, canStepUp ? DISTANCE.stepUp : DISTANCE.fixed, {
      code: 'step_up_required',
      missing,
      hint: canStepUp
        ? `The client has to ask Entra for a token with the claims of the challenge (authentication context ${id}).`
        : itself
          ? `The caller is an AI agent, which can't satisfy authentication context ${id}. A person has to do it.`
          : `The user needs authentication context ${id}, and the client does not declare that it understands claims challenges (client capability cp1).`,
      ...(canStepUp ? { stepUp: Object.freeze({ kind: 'claims', id }) } : {}),
    });
  },
  scopes: NO_SCOPES,
  together: apart,
});
