import type { HealthPart, LogSink } from '@entra-guard/core';

/** What an authority's cloud calls the audience of a federated credential (Entra: workload identity federation). */
export const EXCHANGE_AUDIENCE = {
  public: 'api://AzureADTokenExchange',
  usgov: 'api://AzureADTokenExchangeUSGov',
  china: 'api://AzureADTokenExchangeChina',
} as const;

/** For which request the API proves who it is. */
export interface ProofRequest {
  readonly clientId: string;
  readonly tokenUrl: string;
  readonly cloud: keyof typeof EXCHANGE_AUDIENCE;
  /** The agent identity that the proof is for (Entra: agent identities, `fmi_path`). */
  readonly fmiPath?: string | undefined;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: LogSink;
}

/** Form parameters by which an API proves who it is (RFC 6749 section 2.3, RFC 7523 section 2.2). */
export type Proof = { readonly client_secret: string } | { readonly client_assertion: string };

/** A token of an identity that needs no proof, such as a managed identity. */
export interface IdentityToken {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** How an API proves who it is. */
export abstract class Credential {
  /** Returns the proof for a request. May be asked for each. */
  abstract proofFor(request: ProofRequest): Promise<Proof>;

  /** Forgets what Entra has refused, so that the next proof is a new one. */
  refused(): void {}

  /** Returns a token of the identity itself, where there is one. */
  identityToken?(scope: string, now: () => number): Promise<IdentityToken>;

  /** @param now milliseconds since the epoch */
  health(_now: number): HealthPart | undefined {
    return undefined;
  }
}

/**
 * How this API proves to Entra who it is: made by {@link managedIdentity}, {@link federatedTokenFile}, {@link certificate},
 * {@link clientAssertion} or {@link secretFrom}. Holds what is secret, and shows none of it in logs or JSON.
 */
export interface ClientCredential {
  /** Of which kind it is. */
  readonly kind: 'managed-identity' | 'federated-token-file' | 'certificate' | 'client-assertion' | 'secret';
}

/** A registered symbol, because another copy of the package may have made it. */
const CREDENTIAL: unique symbol = Symbol.for('entra-guard/client-credential') as never;

export function clientCredential(kind: ClientCredential['kind'], credential: Credential): ClientCredential {
  const made = { kind };
  Object.defineProperty(made, CREDENTIAL, { value: credential });
  return Object.freeze(made);
}

/** Returns what is behind a {@link ClientCredential}; `undefined` for anything else. */
export function credentialOf(given: unknown): Credential | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  return (given as { readonly [CREDENTIAL]?: Credential })[CREDENTIAL];
}
