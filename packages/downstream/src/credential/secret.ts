import { ConfigurationError } from '@entra-guard/core';
import { shown } from '../options/read.js';
import {
  type ClientCredential,
  Credential,
  clientCredential,
  type Proof,
  type ProofRequest,
} from './credential.js';
import { Kept } from './kept.js';
import { kindOfFailure, unusable } from './unusable.js';

/** How long a secret is used before it is asked for again, in milliseconds. */
const LIFETIME = 300_000;

class SecretCredential extends Credential {
  readonly #read: () => string | Promise<string>;
  readonly #kept = new Kept<string>();
  #warned = false;

  constructor(read: () => string | Promise<string>) {
    super();
    this.#read = read;
  }

  async proofFor({ now, log }: ProofRequest): Promise<Proof> {
    if (!this.#warned) {
      this.#warned = true;
      log({
        level: 'warn',
        event: 'downstream',
        message: 'This API proves who it is by a client secret, which can be copied and which expires.',
        hint: 'Use managedIdentity(), federatedTokenFile() or certificate(...), and remove the secret from the app registration.',
      });
    }
    const secret = await this.#kept.get('', now(), async () => ({
      value: await this.#secret(),
      until: now() + LIFETIME,
    }));
    return { client_secret: secret };
  }

  override refused(): void {
    this.#kept.clear();
  }

  async #secret(): Promise<string> {
    let given: unknown;
    try {
      given = await this.#read();
    } catch (error) {
      throw unusable(
        'secretFrom(...)',
        `threw ${kindOfFailure(error)}`,
        'Is the vault reachable? See the cause.',
        error,
      );
    }
    if (typeof given === 'string' && given !== '') return given;
    throw unusable(
      'secretFrom(...)',
      `gave ${typeof given === 'string' ? 'empty text' : shown(given)}`,
      'The function has to return the client secret. Is the vault or the variable that it reads set?',
    );
  }
}

/**
 * Proves who this API is by a client secret that a function reads from a vault. The last resort: it is logged once as a warning. It is
 * read again every 5 minutes, and when Entra has refused it.
 *
 * @throws ConfigurationError for anything but a function: a secret does not belong into options
 */
export function secretFrom(read: () => string | Promise<string>): ClientCredential {
  if (typeof read !== 'function') {
    throw new ConfigurationError(
      `secretFrom(...) was given ${typeof read === 'string' ? 'text, which is not shown' : shown(read)}.`,
      'Pass a function that reads the secret from a vault. Text in options ends up in repositories and logs.',
    );
  }
  return clientCredential('secret', new SecretCredential(read));
}
