import type { ConfigurationError } from '../base/errors.js';
import { isFit, type JsonObject, parseJsonText } from '../base/json-object.js';
import type { Refusal } from '../base/refusal.js';
import type { AuthContext } from '../caller/auth-context.js';
import type { AuthorityFacts } from '../caller/authority-facts.js';
import { TokenAuthContext } from '../caller/token-auth-context.js';
import type { TokenKind } from '../caller/token-kind.js';
import { resolveSettings } from '../options/settings.js';
import { checkClaimTypes } from '../token/checks/claim-types.js';
import { checkIssuer, issuerClaims } from '../token/checks/issuer.js';
import { checkKeyBinding } from '../token/checks/key-binding.js';
import { checkKind } from '../token/checks/kind.js';
import { lookOf } from '../token/checks/look.js';
import { refuseProduction } from './production.js';
import type { TestCaller } from './test-caller.js';
import { refused, TEST_API, TEST_ORIGIN, TEST_TENANT, testClaims } from './test-claims.js';

/** Facts like those of an Entra tenant, so that tests get the step-up challenges of production. */
const AUTHORITY: AuthorityFacts = Object.freeze({
  applicationIdUri: `api://${TEST_API}`,
  authorizationUri: `${TEST_ORIGIN}/common/oauth2/authorize`,
  realm: '',
});

const ADVICE: Readonly<Record<TestCaller['kind'], string>> = {
  user: "A user's token has a scope: { kind: 'user', scopes: ['Orders.Read'] }.",
  app: "An app's token has no scopes, and its permissions in roles: { kind: 'app', roles: ['Orders.Read.All'] }.",
};

/**
 * Makes a caller without a token, for unit tests. Its class is the validator's, and the validator's rules apply to its
 * claims, which are not signed. Throws if `NODE_ENV` is `production`.
 *
 * ```ts
 * controller.list(testAuth({ kind: 'user', scopes: ['Orders.Read'] }));
 * ```
 *
 * @throws ConfigurationError for a caller for which Entra would issue no token
 */
export function testAuth(caller: TestCaller): AuthContext {
  refuseProduction('testAuth(...)');
  const claims = copyOf(testClaims(caller));
  const token = { header: {}, payload: claims, payloadIsFit: true };
  const settings = resolveSettings({ tenantId: TEST_TENANT, clientId: TEST_API });
  const look = lookOf(token, issuerClaims(claims), { settings, pinned: undefined }, settings.now());
  const complaint =
    checkClaimTypes(look) ??
    // The caller may be of any tenant.
    (typeof claims.iss === 'string' ? undefined : checkIssuer(look)) ??
    checkKeyBinding(look) ??
    checkKind(look);
  if (complaint !== undefined) throw impossible(caller, complaint);
  return new TokenAuthContext(claims, look.kind as TokenKind, claims.tid as string, AUTHORITY);
}

/** Copies claims as JSON, as a token would hold them. No other code holds the copy. */
function copyOf(claims: JsonObject): JsonObject {
  let text: string;
  try {
    text = JSON.stringify(claims);
  } catch (cause) {
    const error = refused('was given claims that are not JSON', "Leave out values that a token can't hold.");
    error.cause = cause;
    throw error;
  }
  const copy = parseJsonText(text) as JsonObject;
  if (isFit(copy)) return copy;
  throw refused(
    'was given claims that a guard would refuse',
    'Nest claims at most 32 levels deep, and use well-formed text.',
  );
}

function impossible({ kind }: TestCaller, { subject, found, expected, hint }: Refusal): ConfigurationError {
  return refused(
    `describes a caller for which Entra issues no token: ${subject} found ${found}, expected ${expected}`,
    `${hint} ${ADVICE[kind]}`,
  );
}
