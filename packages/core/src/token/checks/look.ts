import type { JsonObject } from '../../base/json-object.js';
import type { Refusal } from '../../base/refusal.js';
import type { TokenKind } from '../../caller/token-kind.js';
import type { IssuerClaims } from '../../keys/accepted-issuers.js';
import type { Acceptance } from '../../keys/issuer-refusals.js';

/** A token whose signature is not verified yet, and the authority that may accept it. */
export interface Look {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** Whether the claims can be handed to an application: nested at most 32 levels deep, and without lone surrogates. */
  readonly claimsAreFit: boolean;
  readonly whose: IssuerClaims;
  readonly authority: Acceptance;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What the check `kind` found: delegated or app-only. Must not be used before the signature is verified. */
  kind: TokenKind | undefined;
}

/** Returns a token for the checks of one authority. */
export function lookOf(
  token: { readonly header: JsonObject; readonly payload: JsonObject; readonly payloadIsFit: boolean },
  whose: IssuerClaims,
  authority: Acceptance,
  now: number,
): Look {
  const { header, payload: claims, payloadIsFit: claimsAreFit } = token;
  return { header, claims, claimsAreFit, whose, authority, now, kind: undefined };
}

/** Returns why a token is refused; `undefined` if there is no complaint. */
export type Check = (look: Look) => Refusal | undefined;
