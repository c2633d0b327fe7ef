import { randomBytes } from 'node:crypto';
import { BadInputError } from '../bad-input.js';
import { printable } from '../output/printable.js';
import { fromProject } from '../project/project-package.js';
import type { Session } from '../session.js';

/** Runs a command that talks to a vault where nothing is installed. */
export const RUN_WITH_VAULT =
  'npx -p @entra-guard/cli -p @azure/identity -p @azure/keyvault-keys entra-guard';

/** What is used of `@azure/keyvault-keys`. */
interface KeyVaultPackage {
  readonly CryptographyClient: new (
    key: string,
    credential: object,
  ) => {
    wrapKey(
      algorithm: string,
      key: Uint8Array,
    ): Promise<{ readonly result: Uint8Array; readonly keyID?: string | undefined }>;
  };
}

/** What is used of `@azure/identity`. */
interface IdentityPackage {
  readonly DefaultAzureCredential: new () => object;
}

/** A key of 32 random bytes, as the vault has wrapped it. */
export interface VaultKey {
  /** In base64url. */
  readonly wrapped: string;
  /** The address of the key that has wrapped it, with its version. */
  readonly wrappedBy: string;
}

/** @throws BadInputError where a package is missing, and for what the vault says */
export async function vaultKey(session: Session, url: string): Promise<VaultKey> {
  const fix = `${RUN_WITH_VAULT} keys new --vault ${url}`;
  const { DefaultAzureCredential } = fromProject<IdentityPackage>(session, '@azure/identity', fix);
  const { CryptographyClient } = fromProject<KeyVaultPackage>(session, '@azure/keyvault-keys', fix);
  const secret = randomBytes(32);
  try {
    const client = new CryptographyClient(url, new DefaultAzureCredential());
    const { result, keyID = url } = await client.wrapKey('RSA-OAEP-256', secret);
    return { wrapped: Buffer.from(result).toString('base64url'), wrappedBy: keyID };
  } catch (error) {
    throw new BadInputError(
      `The vault did not wrap the key: ${printable(String((error as Error).message ?? error).slice(0, 500))}`,
      'Sign in with "az login". You need the role Key Vault Crypto User on the vault, and an RSA key with the operations wrapKey and unwrapKey.',
    );
  } finally {
    secret.fill(0);
  }
}
