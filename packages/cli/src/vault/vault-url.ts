import { BadInputError } from '../bad-input.js';
import { printable } from '../output/printable.js';

/** Reads the address of a key in a vault. @throws BadInputError */
export function readVaultUrl(text: string): string {
  let url: URL | undefined;
  try {
    url = new URL(text);
  } catch {
    // Told below.
  }
  const isKey = url !== undefined && /^\/keys\/[0-9A-Za-z-]{1,127}(?:\/[0-9a-f]{32})?$/.test(url.pathname);
  const isPlain = url?.protocol === 'https:' && url.username === '' && url.search === '' && url.hash === '';
  if (url !== undefined && isKey && isPlain) return url.href;
  throw new BadInputError(
    `--vault is ${printable(text.slice(0, 200))}, which is not the address of a key.`,
    'Copy the key identifier from the vault: https://contoso.vault.azure.net/keys/tokens',
  );
}
