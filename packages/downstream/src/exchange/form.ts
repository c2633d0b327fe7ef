import type { Proof } from '../credential/credential.js';

/** The parameters of a request to the token endpoint (RFC 6749 section 4). Holds tokens and secrets: never log it. */
export type Form = Readonly<Record<string, string>>;

const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The members that every request has. */
export interface FormBase {
  readonly clientId: string;
  readonly proof: Proof;
  readonly scope: string;
  /** A claims request, as JSON text; `undefined` for none. */
  readonly claims: string | undefined;
}

/** Asks for a token on behalf of a user (Entra: OAuth 2.0 On-Behalf-Of flow). */
export function onBehalfOf(base: FormBase, assertion: string): Form {
  return form(base, { grant_type: JWT_BEARER, assertion, requested_token_use: 'on_behalf_of' });
}

/** Asks for a token of this API itself (RFC 6749 section 4.4). */
export function clientCredentials(base: FormBase): Form {
  return form(base, { grant_type: 'client_credentials' });
}

/** Asks for what stands for an agent identity of this API (Entra: agent identities, `fmi_path`). */
export function forAgent(base: FormBase, agentId: string): Form {
  return form(base, { grant_type: 'client_credentials', fmi_path: agentId });
}

/**
 * Asks for a token for the user account of an agent identity (Entra: agent users, `user_fic`).
 *
 * @param credential what the agent got for itself
 * @param user object ID, or user principal name
 */
export function asUserOfAgent(base: FormBase, credential: string, user: string): Form {
  return form(base, {
    grant_type: 'user_fic',
    user_federated_identity_credential: credential,
    ...(isGuid(user) ? { user_id: user } : { username: user }),
  });
}

const isGuid = (text: string): boolean => /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

/** Asks for a token by a refresh token (RFC 6749 section 6). */
export function byRefreshToken(base: FormBase, refreshToken: string): Form {
  return form(base, { grant_type: 'refresh_token', refresh_token: refreshToken });
}

function form({ clientId, proof, scope, claims }: FormBase, grant: Form): Form {
  return {
    client_id: clientId,
    scope,
    ...grant,
    ...('client_assertion' in proof
      ? { client_assertion_type: ASSERTION_TYPE, client_assertion: proof.client_assertion }
      : proof),
    ...(claims === undefined ? {} : { claims }),
  };
}
