import { ConfigurationError, ownOptions } from '@entra-guard/core';
import { assertKnown, shown } from '../options/read.js';
import {
  type ClientCredential,
  Credential,
  clientCredential,
  EXCHANGE_AUDIENCE,
  type IdentityToken,
  type Proof,
  type ProofRequest,
} from './credential.js';
import { Kept } from './kept.js';
import { kindOfFailure, unusable } from './unusable.js';

/** A credential of the Azure SDK, by its shape: `new ManagedIdentityCredential(...)` of `@azure/identity`. */
export interface TokenCredentialLike {
  getToken(scope: string): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** `ManagedIdentityApplication` of `@azure/msal-node`, by its shape. */
export interface ManagedIdentityLike {
  acquireToken(request: {
    readonly resource: string;
  }): Promise<{ readonly accessToken: string; readonly expiresOn: Date | null }>;
}

/** Which managed identity. */
export interface ManagedIdentityOptions {
  /** The client ID of a user-assigned identity. Default: the system-assigned one. */
  readonly clientId?: string;
}

/** How long before its end a token of the identity is got anew, in milliseconds. */
const EARLY = 300_000;

type Source = (scope: string) => Promise<IdentityToken>;

class ManagedIdentityCredential extends Credential {
  readonly #source: Source;
  readonly #kept = new Kept<IdentityToken>();

  constructor(source: Source) {
    super();
    this.#source = source;
  }

  /** The token of the identity for Entra's exchange is the proof (Entra: managed identity as a federated credential). */
  async proofFor({ cloud, now }: ProofRequest): Promise<Proof> {
    const { token } = await this.identityToken(`${EXCHANGE_AUDIENCE[cloud]}/.default`, now);
    return { client_assertion: token };
  }

  override identityToken(scope: string, now: () => number): Promise<IdentityToken> {
    return this.#kept.get(scope, now(), async () => {
      const value = await this.#ask(scope);
      return { value, until: value.expiresAt - EARLY };
    });
  }

  override refused(): void {
    this.#kept.clear();
  }

  async #ask(scope: string): Promise<IdentityToken> {
    let given: IdentityToken;
    try {
      given = await this.#source(scope);
    } catch (error) {
      if (ConfigurationError.is(error)) throw error;
      throw unusable(
        'The managed identity',
        `gave no token: ${kindOfFailure(error)}`,
        'Is an identity assigned to this machine, and is its client ID the one in the options? On a laptop there is none: use certificate(...) or a local Entra. See the cause.',
        error,
      );
    }
    if (typeof given.token === 'string' && given.token !== '' && Number.isFinite(given.expiresAt))
      return given;
    throw unusable(
      'The managed identity',
      'gave something that is not a token',
      'Pass a credential of @azure/identity, or a ManagedIdentityApplication of @azure/msal-node.',
    );
  }
}

/**
 * Proves who this API is by the managed identity of the machine, without any secret: its app registration has a federated credential
 * for the identity (Entra: configure an application to trust a managed identity; user-assigned identities only). For an API with
 * `as: 'managed-identity'`, the identity calls as itself.
 *
 * Its tokens are kept here, in memory.
 *
 * @param from which identity: then `@azure/msal-node` has to be installed. Or a credential of `@azure/identity`, or a
 * `ManagedIdentityApplication` of `@azure/msal-node`
 * @throws ConfigurationError for anything else
 */
export function managedIdentity(
  from: ManagedIdentityOptions | TokenCredentialLike | ManagedIdentityLike = {},
): ClientCredential {
  return clientCredential('managed-identity', new ManagedIdentityCredential(sourceOf(from)));
}

function sourceOf(from: ManagedIdentityOptions | TokenCredentialLike | ManagedIdentityLike): Source {
  if (typeof from !== 'object' || from === null) {
    throw new ConfigurationError(
      `managedIdentity(...) was given ${shown(from)}.`,
      'Pass { clientId } of a user-assigned identity, or a credential of @azure/identity.',
    );
  }
  if ('getToken' in from && typeof from.getToken === 'function') {
    return async (scope) => {
      const given = await from.getToken(scope);
      return { token: given?.token ?? '', expiresAt: given?.expiresOnTimestamp ?? Number.NaN };
    };
  }
  if ('acquireToken' in from && typeof from.acquireToken === 'function') return (scope) => asked(from, scope);
  const names = ['clientId'];
  const { clientId } = ownOptions('managedIdentity(...)', from as ManagedIdentityOptions, names);
  assertKnown('managedIdentity(...)', from, names);
  if (clientId !== undefined && (typeof clientId !== 'string' || clientId === '')) {
    throw new ConfigurationError(
      `managedIdentity(...): clientId is ${shown(clientId)}.`,
      'Pass the client ID of the identity, a GUID.',
    );
  }
  let application: Promise<ManagedIdentityLike> | undefined;
  return async (scope) => {
    application ??= load(clientId);
    return asked(await application, scope);
  };
}

async function asked(application: ManagedIdentityLike, scope: string): Promise<IdentityToken> {
  const { accessToken, expiresOn } = await application.acquireToken({
    resource: scope.replace(/\/\.default$/, ''),
  });
  return { token: accessToken, expiresAt: expiresOn?.getTime() ?? Number.NaN };
}

async function load(clientId: string | undefined): Promise<ManagedIdentityLike> {
  let msal: typeof import('@azure/msal-node');
  try {
    msal = await import('@azure/msal-node');
  } catch {
    throw new ConfigurationError(
      'managedIdentity(...) needs @azure/msal-node, which is not installed.',
      'npm install @azure/msal-node, or pass a credential of @azure/identity.',
    );
  }
  return new msal.ManagedIdentityApplication(
    clientId === undefined ? {} : { managedIdentityIdParams: { userAssignedClientId: clientId } },
  );
}
