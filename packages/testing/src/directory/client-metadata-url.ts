import type { App } from './apps.js';
import { invalidOption } from './invalid-option.js';
import type { AppRegistration } from './registration.js';

/**
 * Refuses a URL that can't be a client ID: it is https, with a path, and without user, password and fragment
 * (draft-ietf-oauth-client-id-metadata-document, section 3).
 *
 * @throws {LocalEntraError} `option_invalid`, also for a client with a credential
 */
export function assertClientMetadataUrl(name: string, given: AppRegistration): void {
  const url: unknown = given.clientMetadataUrl;
  if (url === undefined) return;
  if (!isClientMetadataUrl(url)) {
    throw invalidOption(
      `apps.${name}.clientMetadataUrl is not an https URL with a path. Write where the client serves its metadata: 'https://editor.example/client.json'.`,
    );
  }
  const { secret, secrets, certificate, certificates, federatedCredentials } = given;
  if ([secret, secrets, certificate, certificates, federatedCredentials].some((one) => one !== undefined)) {
    throw invalidOption(
      `apps.${name} identifies by clientMetadataUrl, and such a client has no credential. Remove the credential, or clientMetadataUrl.`,
    );
  }
}

/** Whether a client identifies by the URL of its metadata, so that it is an agent identity. */
export function hasMetadataUrl({ registration }: App): boolean {
  return registration.clientMetadataUrl !== undefined;
}

function isClientMetadataUrl(url: unknown): boolean {
  if (typeof url !== 'string' || !URL.canParse(url)) return false;
  const { protocol, pathname, username, password } = new URL(url);
  return protocol === 'https:' && pathname !== '/' && username + password === '' && !url.includes('#');
}
