import type { App } from '../directory/apps.js';
import type { Consents } from '../directory/consents.js';
import { preAuthorizedScopes } from '../directory/exposed-scopes.js';
import type { Person } from '../directory/people.js';
import type { AuthorizeRequest } from './authorize-request.js';
import type { EntraServices } from './call.js';
import { OAuthError } from './oauth-error.js';
import { grantedScopes, type ScopeRequest } from './scope-request.js';

/** Who acts for whom. */
export interface ConsentQuestion {
  /** The client; for an agent identity also its blueprint, whose consent counts for it. */
  readonly clients: readonly App[];
  readonly person: Person;
}

/** Returns the scopes of an API that a client has for a user: consented to, or pre-authorised by the API. */
export function allowedScopes(
  consents: Consents,
  api: App,
  { clients, person }: ConsentQuestion,
): ReadonlySet<string> {
  return new Set(
    clients.flatMap(({ clientId }) => [
      ...consents.scopesFor({ clientId, resourceId: api.clientId, principalId: person.oid }),
      ...preAuthorizedScopes(api, clientId),
    ]),
  );
}

/**
 * Returns the scopes of a request that have no consent. `.default` asks for what was consented to before, and for
 * everything only if that is nothing. An app needs no consent for itself.
 */
export function missingScopes(
  consents: Consents,
  request: ScopeRequest,
  question: ConsentQuestion,
): readonly string[] {
  const { api, scopes } = request;
  if (question.clients.some(({ clientId }) => clientId === api.clientId)) return [];
  const allowed = allowedScopes(consents, api, question);
  const wanted = grantedScopes(request);
  if (scopes === undefined && wanted.some((scope) => allowed.has(scope))) return [];
  return wanted.filter((scope) => !allowed.has(scope));
}

/**
 * Returns the scopes of the token: those asked for, and with `.default` those that were consented to.
 *
 * @throws {OAuthError} AADSTS65001 with `suberror` when consent is missing
 */
export function consentedScopes(
  consents: Consents,
  request: ScopeRequest,
  question: ConsentQuestion,
): readonly string[] {
  const missing = missingScopes(consents, request, question);
  if (missing.length > 0) throw consentMissing('invalid_grant', request.api, question, missing);
  const wanted = grantedScopes(request);
  const { api, scopes } = request;
  if (scopes !== undefined || question.clients.some(({ clientId }) => clientId === api.clientId))
    return wanted;
  const allowed = allowedScopes(consents, api, question);
  return wanted.filter((scope) => allowed.has(scope));
}

/**
 * Refuses `prompt=consent` of a user who may not consent. Without pages everything else is consented to, as by an administrator.
 *
 * @throws {OAuthError} AADSTS90094, as where the user leaves the page "Need admin approval"
 */
export function assertMayConsent(
  { userConsent, people }: EntraServices,
  { client, prompt }: Pick<AuthorizeRequest, 'client' | 'prompt'>,
  person: Person,
): void {
  if (userConsent || prompt !== 'consent' || people.isAdmin(person)) return;
  throw new OAuthError(
    'access_denied',
    90094,
    `An administrator has to consent before you can use '${client.name}': the request has prompt=consent, and users of this tenant may not consent.`,
  );
}

/**
 * Makes the refusal for missing consent. The word is `consent_required` where a sign-in may not show a page; the token endpoint
 * says `invalid_grant`, and clients read `suberror`.
 */
export function consentMissing(
  word: 'invalid_grant' | 'consent_required',
  api: App,
  { clients: [client], person }: ConsentQuestion,
  missing: readonly string[],
): OAuthError {
  return new OAuthError(
    word,
    65001,
    `The user or administrator has not consented to use the application with ID '${client?.clientId}' named '${client?.name}': ${person.upn} did not allow it ${missing.join(', ')} of '${api.name}'. Send an interactive authorization request for this user and resource.`,
    400,
    { suberror: 'consent_required' },
  );
}
