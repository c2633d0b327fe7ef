import { createHash } from 'node:crypto';
import type { Person } from '../directory/people.js';
import { clientInfo } from '../tokens/client-info.js';
import { idTokenClaims } from '../tokens/id-token.js';
import type { AuthorizeRequest, ReplyTo } from './authorize-request.js';
import type { EntraServices } from './call.js';
import { formPost } from './form-post.js';
import { wantsAuthTime } from './grants/requested-claims.js';
import type { OAuthError } from './oauth-error.js';

/** A user who has signed in. */
export interface SignedIn {
  readonly person: Person;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Authentication contexts that the sign-in reached. `undefined`: all that are asked for. */
  readonly contexts?: ReadonlySet<string>;
}

/** Answers a sign-in request with what it asks for: a code, an ID token, or both. */
export function signedInAnswer(entra: EntraServices, request: AuthorizeRequest, user: SignedIn): Response {
  const { client, tenant, types, nonce, maxAge, claims } = request;
  const { person } = user;
  const now = entra.now();
  const authTime = maxAge !== undefined || wantsAuthTime(claims) ? Math.floor(user.at / 1000) : undefined;
  const code = types.has('code')
    ? entra.sessions.addCode(
        {
          clientId: client.clientId,
          person,
          tenant,
          claims,
          redirectUri: request.redirectUri,
          scope: request.scope,
          nonce,
          codeChallenge: request.codeChallenge,
          signedInAt: user.at,
          authTime,
          signIn: { ended: false, contexts: user.contexts },
        },
        now,
      )
    : undefined;
  const idToken = types.has('id_token')
    ? entra.maker.sign(
        idTokenClaims(entra, {
          person,
          tenant,
          clientId: client.clientId,
          nonce,
          authTime,
          codeHash: codeHash(code),
        }),
      ).token
    : undefined;
  return answerTo(request, {
    code,
    id_token: idToken,
    client_info: request.clientInfo ? clientInfo(person.oid, tenant.id) : undefined,
  });
}

/** Answers a sign-in request with a refusal (RFC 6749, section 4.1.2.1). */
export function refusedAnswer(reply: ReplyTo, refusal: OAuthError): Response {
  const { suberror, claims } = refusal.demand;
  return answerTo(reply, {
    error: refusal.error,
    error_description: refusal.description,
    suberror,
    claims,
  });
}

/** Binds a code to the ID token that comes with it (`c_hash`, OpenID Connect Core, 3.3.2.11). */
function codeHash(code: string | undefined): string | undefined {
  if (code === undefined) return undefined;
  return createHash('sha256').update(code).digest().subarray(0, 16).toString('base64url');
}

/** Sends an answer to an app, the way it asked for, with its `state`. Members that are `undefined` are left out. */
export function answerTo(reply: ReplyTo, answer: Readonly<Record<string, string | undefined>>): Response {
  const { redirectUri, mode, state } = reply;
  const given = Object.entries({ ...answer, state: state ?? undefined }).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  if (mode === 'form_post') return formPost(redirectUri, given);
  const location = new URL(redirectUri);
  const parameters = new URLSearchParams(given);
  if (mode === 'fragment') location.hash = parameters.toString();
  else for (const [name, value] of parameters) location.searchParams.append(name, value);
  return new Response(null, {
    status: 302,
    headers: { location: location.href, 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' },
  });
}
