import { PermissionError, StepUpError } from '../base/errors.js';
import { isAgentItself } from '../caller/agent-involved.js';
import type { AuthContext } from '../caller/auth-context.js';
import { authorityOf } from '../caller/authority-facts.js';
import { answersChallenges } from '../caller/client-capabilities.js';

/**
 * Returns the error for a caller of whom Entra demands more before another API may be called for them: a 401 with a claims
 * challenge; a 403 for a client that declares that it can't answer one (Entra: claims challenges).
 *
 * @param claims Entra's own claims request, as JSON text
 */
export function claimsStepUp(auth: AuthContext, claims: string): StepUpError | PermissionError {
  const code = 'downstream_step_up_required';
  const message = 'Entra demands more of the user before another API may be called on behalf of them.';
  const authority = authorityOf(auth);
  if (isAgentItself(auth)) {
    return new PermissionError({
      code,
      message,
      hint: "The caller is an AI agent, which can't sign in more strongly, so it is not sent a challenge.",
    });
  }
  if (authority === undefined || answersChallenges(auth) === false) {
    return new PermissionError({
      code,
      message,
      hint: 'The client does not declare that it understands claims challenges (client capability cp1), so it is not sent one.',
    });
  }
  const { authorizationUri, realm } = authority;
  return new StepUpError({
    code,
    message,
    hint: "The client has to ask Entra for a token of this API with the challenge's claims. The user signs in there as it is demanded.",
    stepUp: { kind: 'claims', claims, authorizationUri, realm },
  });
}
