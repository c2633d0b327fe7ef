import type { Person } from '../directory/people.js';
import { refusedAnswer, signedInAnswer } from '../endpoints/authorize-answer.js';
import {
  type AuthorizeRequest,
  type ReplyTo,
  readAuthorizeRequest,
  readReplyTo,
} from '../endpoints/authorize-request.js';
import { consentMissing } from '../endpoints/consent.js';
import { formTargets } from '../endpoints/form-post.js';
import { asOAuthError, OAuthError, type OAuthErrorWord } from '../endpoints/oauth-error.js';
import { parseWants } from '../endpoints/scope-request.js';
import type { Step, Task } from './interactions.js';
import { currentAccounts, nextStep } from './next-step.js';
import { problemPage } from './problem-page.js';
import { begin } from './proceed.js';
import type { Visit } from './visit.js';

/** Answers `/{tenant}/oauth2/v2.0/authorize` with the pages of a sign-in, and without any for `prompt=none`. */
export function authorizeOnPages(visit: Visit): Response {
  const { entra, url, tenant } = visit;
  let replyTo: ReplyTo;
  try {
    replyTo = readReplyTo(entra, url.searchParams);
  } catch (error) {
    return problemPage(error);
  }
  try {
    const request = readAuthorizeRequest(entra, tenant, url.searchParams, replyTo);
    const task = taskOf(visit, request);
    return request.prompt === 'none' ? silently(visit, task) : begin(visit, task);
  } catch (error) {
    return refusedAnswer(replyTo, asOAuthError(error));
  }
}

function taskOf({ entra }: Visit, request: AuthorizeRequest): Task {
  const { client, tenant, prompt, loginHint, domainHint, maxAge, claims } = request;
  return {
    client,
    tenant,
    wants: parseWants(entra.apps, request.scope),
    prompt,
    loginHint,
    domainHint,
    maxAge,
    claims,
    formTargets: formTargets(request.redirectUri),
    complete: ({ person, at, contexts }, demanded) =>
      signedInAnswer(entra, { ...request, claims: demanded }, { person, at, contexts: new Set(contexts) }),
    refuse: (error) => refusedAnswer(request, worded(error, 'access_denied')),
  };
}

/** Signs in by the session alone (OpenID Connect Core, 3.1.2.1, `prompt=none`). Always answers the app, never with a page. */
function silently(visit: Visit, task: Task): Response {
  const { entra, browser } = visit;
  const [account, ...others] = currentAccounts(entra, browser, task);
  if (others.length > 0) {
    return task.refuse(
      new OAuthError(
        'interaction_required',
        16000,
        'Several users are signed in, and the request does not say which one is meant. Send login_hint, or show the account picker.',
      ),
    );
  }
  const next = nextStep(entra, task, account, { consented: false, confirmed: true });
  if (next.step === undefined) {
    browser.apps.add(task.client.clientId);
    return task.complete(next.account, next.claims);
  }
  return task.refuse(needed(next.step, task, account?.person));
}

function needed(step: Step, task: Task, person: Person | undefined): OAuthError {
  if (step.kind === 'refused') return worded(step.error, 'interaction_required');
  if ((step.kind === 'consent' || step.kind === 'approval') && person !== undefined) {
    const [ask] = step.asks;
    if (ask !== undefined) {
      return consentMissing(
        'consent_required',
        ask.request.api,
        { clients: [task.client], person },
        ask.scopes,
      );
    }
  }
  if (step.kind === 'mfa') {
    const claims = JSON.stringify({ access_token: { acrs: { essential: true, values: step.contexts } } });
    return new OAuthError(
      'interaction_required',
      50076,
      `The user has to do more to reach the authentication context ${step.contexts.join(', ')}.`,
      400,
      { suberror: 'basic_action', claims },
    );
  }
  return new OAuthError(
    'login_required',
    50058,
    'Session information is not sufficient for single-sign-on: the user is not signed in, or not recently enough.',
  );
}

/** Gives a refusal another word: `invalid_grant` is one of the token endpoint. */
function worded(error: OAuthError, word: OAuthErrorWord): OAuthError {
  if (error.error !== 'invalid_grant') return error;
  return new OAuthError(word, error.aadsts, error.message, error.status, error.demand);
}
