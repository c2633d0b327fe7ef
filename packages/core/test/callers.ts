import { appClaims, type Json, userClaims } from '../../../test/support/forger.js';
import type { JsonObject } from '../src/base/json-object.js';
import { TokenAuthContext } from '../src/caller/token-auth-context.js';
import type { AuthContext } from '../src/index.js';
import { classify } from '../src/token/checks/kind.js';

/** An app acting for Ada. */
export const user = (changes: Json = {}): AuthContext => caller(userClaims(changes));

/** An app without a user. */
export const daemon = (changes: Json = {}): AuthContext => caller(appClaims(changes));

/** Made as the validator makes it, only without a signature. */
function caller(claims: Json): AuthContext {
  const copy = JSON.parse(JSON.stringify(claims)) as JsonObject;
  const kind = classify(copy, { b2c: false, appClients: new Set(), idTokens: false });
  if ('code' in kind) throw new Error(`Entra issues no such token: ${kind.found}`);
  return new TokenAuthContext(copy, kind, String(claims.tid));
}
