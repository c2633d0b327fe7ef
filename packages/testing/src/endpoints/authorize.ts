import { refusedAnswer, signedInAnswer } from './authorize-answer.js';
import { type ReplyTo, readAuthorizeRequest, readReplyTo } from './authorize-request.js';
import type { Call } from './call.js';
import { assertMayConsent } from './consent.js';
import { asOAuthError } from './oauth-error.js';
import { firstUser, refusalPage } from './sign-in.js';

/** Answers `/{tenant}/oauth2/v2.0/authorize`. Signs in the user of `login_hint` at once, without a page. */
export function authorize({ entra, url, tenant: segment }: Call): Response {
  let replyTo: ReplyTo;
  try {
    replyTo = readReplyTo(entra, url.searchParams);
  } catch (error) {
    return refusalPage(error);
  }
  try {
    const request = readAuthorizeRequest(entra, segment, url.searchParams, replyTo);
    const person = entra.people.named(request.loginHint ?? firstUser, request.tenant);
    entra.accounts.assertMaySignIn(person);
    assertMayConsent(entra, request, person);
    return signedInAnswer(entra, request, { person, at: entra.now() });
  } catch (error) {
    return refusedAnswer(replyTo, asOAuthError(error));
  }
}
