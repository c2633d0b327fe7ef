import { readFile } from 'node:fs/promises';
import { ConfigurationError } from '@entra-guard/core';
import { shown } from '../options/read.js';
import { type ClientCredential, Credential, clientCredential, type Proof } from './credential.js';
import { kindOfFailure, unusable } from './unusable.js';

class FileCredential extends Credential {
  readonly #path: string;

  constructor(path: string) {
    super();
    this.#path = path;
  }

  /** Reads the file each time: the platform replaces it. */
  async proofFor(): Promise<Proof> {
    let text: string;
    try {
      text = await readFile(this.#path, 'utf8');
    } catch (error) {
      throw unusable(
        `The federated token file ${this.#path}`,
        `can't be read: ${kindOfFailure(error)}`,
        'The platform writes it. On AKS: is workload identity enabled, and does the pod have the label azure.workload.identity/use?',
      );
    }
    const assertion = text.trim();
    if (assertion.split('.').length === 3) return { client_assertion: assertion };
    throw unusable(
      `The federated token file ${this.#path}`,
      `holds ${assertion === '' ? 'nothing' : 'something that is not a JWT'}`,
      'The platform writes the token of the workload into it.',
    );
  }
}

/**
 * Proves who this API is by the token of its workload, which the platform writes into a file: AKS, or any Kubernetes with a federated
 * credential (Entra: workload identity federation). The file is read for each exchange.
 *
 * @param path default: the environment variable `AZURE_FEDERATED_TOKEN_FILE`
 * @throws ConfigurationError if there is neither
 */
export function federatedTokenFile(
  path: string | undefined = process.env.AZURE_FEDERATED_TOKEN_FILE,
): ClientCredential {
  if (typeof path === 'string' && path !== '') {
    return clientCredential('federated-token-file', new FileCredential(path));
  }
  throw new ConfigurationError(
    `federatedTokenFile(...) has ${path === undefined ? 'no path, and AZURE_FEDERATED_TOKEN_FILE is not set' : shown(path)}.`,
    'The platform sets the variable: on AKS, enable workload identity for the pod. Or pass the path.',
  );
}
