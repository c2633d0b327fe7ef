import type { App, Apps } from '../directory/apps.js';
import { answerTo } from '../endpoints/authorize-answer.js';
import { type ReplyTo, readReplyTo, requiredParameter } from '../endpoints/authorize-request.js';
import { formTargets } from '../endpoints/form-post.js';
import { asOAuthError } from '../endpoints/oauth-error.js';
import { parseScope, parseWants, type ScopeRequest } from '../endpoints/scope-request.js';
import { signInTenant } from '../endpoints/sign-in.js';
import { problemPage } from './problem-page.js';
import { begin } from './proceed.js';
import type { Visit } from './visit.js';

/**
 * Answers `/{tenant}/v2.0/adminconsent` and `/{tenant}/adminconsent`: an administrator consents for all users.
 *
 * Source: https://learn.microsoft.com/entra/identity-platform/v2-admin-consent
 */
export function adminConsent(visit: Visit): Response {
  const { entra, url, tenant: segment } = visit;
  const query = url.searchParams;
  const firstVersion = !url.pathname.endsWith('/v2.0/adminconsent');
  let reply: ReplyTo;
  try {
    reply = { ...readReplyTo(entra, query), mode: 'query' };
  } catch (error) {
    return problemPage(error, 'The request for consent is not valid');
  }
  try {
    const { client } = reply;
    const scope = firstVersion ? undefined : requiredParameter(query, 'scope');
    const tenant = signInTenant(entra.tenants, segment);
    return begin(visit, {
      client,
      tenant,
      wants: scope === undefined ? everything(entra.apps, client) : parseWants(entra.apps, scope),
      forAll: true,
      formTargets: formTargets(reply.redirectUri),
      complete: () => answerTo(reply, { admin_consent: 'True', tenant: tenant.id, scope }),
      refuse: (error) =>
        answerTo(reply, {
          error: error.error === 'access_denied' ? 'permission_denied' : error.error,
          error_description: error.description,
          admin_consent: 'True',
          tenant: tenant.id,
        }),
    });
  } catch (error) {
    const refusal = asOAuthError(error);
    return answerTo(reply, { error: refusal.error, error_description: refusal.description });
  }
}

/** Lists what the version 1 address asks for: sign-in, and all scopes of the APIs that are declared. */
function everything(apps: Apps, client: App): readonly ScopeRequest[] {
  const apis = apps.told.filter(
    ({ clientId, registration }) => clientId !== client.clientId && (registration.scopes ?? []).length > 0,
  );
  return [
    parseScope(apps, 'openid profile offline_access'),
    ...apis.map(({ clientId }) => parseScope(apps, `${clientId}/.default`)),
  ];
}
