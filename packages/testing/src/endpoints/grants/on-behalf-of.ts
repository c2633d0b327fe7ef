import { assertConfidential } from '../client-authentication.js';
import { OAuthError } from '../oauth-error.js';
import { assertSignInLives, type Claims, personOf, signedInAt, verifiedClaims } from '../own-token.js';
import { assertSameTenant } from '../right-tenant.js';
import { delegatedAnswer } from './delegated-answer.js';
import { type GrantRequest, required } from './grant-request.js';

/** Claims copied from the incoming token: how the user signed in, and what describes a guest or an agent's account. */
const carriedClaims = ['acrs', 'amr', 'acct', 'email', 'idp', 'xms_sub_fct'];

/** Exchanges the user's token that an API was called with for a token for another API. */
export function onBehalfOf(request: GrantRequest): Record<string, unknown> {
  const { entra, body, client } = request;
  assertConfidential(client);
  if (body.get('requested_token_use') !== 'on_behalf_of') {
    throw new OAuthError('invalid_request', 900144, "'requested_token_use' must be 'on_behalf_of'.");
  }
  const claims = verifiedClaims(entra, required(body, 'assertion'));
  // An agent identity exchanges tokens that were issued for its blueprint.
  const audience = client.agent?.blueprint ?? client.app;
  assertForClient(claims, audience.clientId, audience.applicationIdUri);
  assertOfUser(claims);
  const tenant = entra.tenants.named(String(claims.tid));
  assertSameTenant(entra, request.tenant, tenant, 'assertion');
  const signIn = entra.sessions.issued(claims.uti)?.signIn ?? { ended: false };
  assertSignInLives(signIn);
  const grant = {
    clientId: client.app.clientId,
    person: personOf(entra, claims),
    tenant,
    scope: required(body, 'scope'),
    claims: body.get('claims') ?? undefined,
    signedInAt: signedInAt(entra, claims),
    signIn,
  };
  const carried = Object.fromEntries(Object.entries(claims).filter(([name]) => carriedClaims.includes(name)));
  return delegatedAnswer(request, { grant, scope: grant.scope, carried });
}

function assertForClient({ aud }: Claims, clientId: string, applicationIdUri: string): void {
  if (aud === clientId || aud === applicationIdUri || aud === `api://${clientId}`) return;
  throw new OAuthError(
    'invalid_grant',
    50013,
    `Assertion audience does not match the client app presenting the assertion. The audience is '${String(aud)}', the client '${clientId}'.`,
  );
}

/** Refuses an assertion that is not a user's access token: an ID token has no authorized party, an app's no scope. */
function assertOfUser(claims: Claims): void {
  if (claims.azp === undefined && claims.appid === undefined) {
    throw new OAuthError(
      'invalid_grant',
      240002,
      'Input id_token cannot be used as a grant of type jwt-bearer.',
    );
  }
  if (claims.idtyp === 'app' || typeof claims.scp !== 'string' || claims.scp === '' || claims.scp === '/') {
    throw new OAuthError(
      'invalid_grant',
      7000114,
      "An app-only token can't be exchanged: there is no user in it to act on behalf of.",
    );
  }
}
