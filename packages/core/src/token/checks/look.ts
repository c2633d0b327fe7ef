import type { JsonObject } from '../../base/json-object.js';
import type { Refusal } from '../../base/refusal.js';
import type { TokenKind } from '../../caller/token-kind.js';
import type { IssuerClaims } from '../../keys/accepted-issuers.js';
import type { Acceptance } from '../../keys/issuer-refusals.js';

/** A token whose signature has not been verified, and the authority that is asked whether it accepts the token. */
export interface Look {
  readonly header: JsonObject;
  readonly claims: JsonObject;
  /** Whether the claims can be handed to an application: nested at most 32 levels deep, and no lone surrogates. */
  readonly claimsAreFit: boolean;
  readonly whose: IssuerClaims;
  readonly authority: Acceptance;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Delegated or app-only: what the check `kind` found. Counts only once the signature is verified. */
  kind: TokenKind | undefined;
}

/** A token as the checks see it, for one authority. */
export function lookOf(
  token: { readonly header: JsonObject; readonly payload: JsonObject; readonly payloadIsFit: boolean },
  whose: IssuerClaims,
  authority: Acceptance,
  now: number,
): Look {
  const { header, payload: claims, payloadIsFit: claimsAreFit } = token;
  return { header, claims, claimsAreFit, whose, authority, now, kind: undefined };
}

/** Says why a token is refused; `undefined` when there is no complaint. */
export type Check = (look: Look) => Refusal | undefined;
