import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ConfigurationError } from '@entra-guard/core';
import {
  type ClientCredential,
  type Credential,
  certificate,
  credentialOf,
  federatedTokenFile,
  managedIdentity,
  secretFrom,
} from '@entra-guard/downstream/sign-in';
import type { Policy, PolicyApp, PolicySignIn } from '../policy/policy.js';

/**
 * How an application proves to Entra that it is the one that people sign in to. Without `credential`, the federated token that the
 * platform provides (`AZURE_FEDERATED_TOKEN_FILE`).
 *
 * @throws ConfigurationError for none, several, and files that can't be read
 */
export function appCredential(policy: Policy, app: PolicyApp): Credential {
  const { credential = {} } = app.signIn as PolicySignIn;
  const given = Object.entries(credential).filter(([, value]) => value !== undefined);
  if (given.length > 1) {
    throw new ConfigurationError(
      `apps.${app.name}.signIn.credential names ${given.map(([name]) => name).join(' and ')}.`,
      'Name one of them.',
    );
  }
  return credentialOf(made(policy, app, given[0] as [string, string] | undefined)) as Credential;
}

function made(policy: Policy, app: PolicyApp, given: [string, string] | undefined): ClientCredential {
  if (given === undefined) {
    if (process.env.AZURE_FEDERATED_TOKEN_FILE !== undefined) return federatedTokenFile();
    throw new ConfigurationError(
      `apps.${app.name}.signIn has no credential, and AZURE_FEDERATED_TOKEN_FILE is not set.`,
      'Say how the application proves itself to Entra: signIn: { credential: { certificate: ./app.pem } }, or federatedTokenFile, managedIdentity, secret.',
    );
  }
  const [kind, value] = given;
  const path = resolve(dirname(policy.file), value);
  if (kind === 'certificate') return certificate(pemIn(app, path));
  if (kind === 'federatedTokenFile') return federatedTokenFile(path);
  if (kind === 'managedIdentity') return managedIdentity({ clientId: value });
  return secretFrom(() => value);
}

/** A file with a certificate and its private key. */
function pemIn(app: PolicyApp, path: string): { readonly cert: string; readonly key: string } {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new ConfigurationError(
      `apps.${app.name}.signIn.credential.certificate can't be read (${(error as NodeJS.ErrnoException).code}).`,
      'Name a PEM file with the certificate and its private key, relative to the policy.',
    );
  }
  const [cert] = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/.exec(text) ?? [];
  const [key] =
    /-----BEGIN (?:RSA )?PRIVATE KEY-----[^-]+-----END (?:RSA )?PRIVATE KEY-----/.exec(text) ?? [];
  if (cert === undefined || key === undefined) {
    throw new ConfigurationError(
      `apps.${app.name}.signIn.credential.certificate has no ${cert === undefined ? 'certificate' : 'private key'}.`,
      'Put both into one PEM file: cat cert.pem key.pem > app.pem.',
    );
  }
  return { cert, key };
}
