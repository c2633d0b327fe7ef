import { ConfigurationError } from '@entra-guard/core';
import { shown } from '../options/read.js';
import {
  type ClientCredential,
  Credential,
  clientCredential,
  type Proof,
  type ProofRequest,
} from './credential.js';
import { expiryOf } from './expiry.js';
import { Kept } from './kept.js';
import { kindOfFailure, unusable } from './unusable.js';

/** For which request an assertion is made. */
export interface AssertionRequest {
  /** The application (client) ID of this API. */
  readonly clientId: string;
  /** Where the assertion is sent: its audience, if this API signs it. */
  readonly tokenEndpoint: string;
  /** The agent identity that the assertion is for; `undefined` for the API itself. */
  readonly fmiPath: string | undefined;
}

/** How long before its end an assertion is made anew, in milliseconds. */
const EARLY = 300_000;
/** How long one is kept of which it can't be told when it ends, in milliseconds. */
const UNKNOWN_END = 60_000;

class AssertionCredential extends Credential {
  readonly #make: (request: AssertionRequest) => string | Promise<string>;
  readonly #kept = new Kept<string>();

  constructor(make: (request: AssertionRequest) => string | Promise<string>) {
    super();
    this.#make = make;
  }

  async proofFor({ clientId, tokenUrl, fmiPath, now }: ProofRequest): Promise<Proof> {
    const key = JSON.stringify([clientId, tokenUrl, fmiPath]);
    const assertion = await this.#kept.get(key, now(), async () => {
      const made = await this.#made({ clientId, tokenEndpoint: tokenUrl, fmiPath });
      const end = expiryOf(made);
      return { value: made, until: end === undefined ? now() + UNKNOWN_END : end - EARLY };
    });
    return { client_assertion: assertion };
  }

  override refused(): void {
    this.#kept.clear();
  }

  async #made(request: AssertionRequest): Promise<string> {
    let made: unknown;
    try {
      made = await this.#make(request);
    } catch (error) {
      throw unusable(
        'clientAssertion(...)',
        `threw ${kindOfFailure(error)}`,
        'The function has to return a signed assertion (JWT) of this API. See the cause.',
        error,
      );
    }
    if (typeof made === 'string' && made.split('.').length === 3) return made;
    throw unusable(
      'clientAssertion(...)',
      `gave ${typeof made === 'string' ? 'text that is not a JWT' : shown(made)}`,
      'The function has to return a signed assertion (JWT) of this API.',
    );
  }
}

/**
 * Proves who this API is by an assertion that a function gives: of a vault, of another identity provider, or of a library (Entra:
 * certificate credentials, workload identity federation). An assertion is used until 5 minutes before its `exp`.
 *
 * @throws ConfigurationError for anything but a function
 */
export function clientAssertion(
  make: (request: AssertionRequest) => string | Promise<string>,
): ClientCredential {
  if (typeof make !== 'function') {
    throw new ConfigurationError(
      `clientAssertion(...) was given ${typeof make === 'string' ? 'text' : shown(make)}.`,
      'Pass a function that returns an assertion: an assertion ends within minutes, so text is of no use.',
    );
  }
  return clientCredential('client-assertion', new AssertionCredential(make));
}
