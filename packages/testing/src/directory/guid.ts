import { createHash } from 'node:crypto';

const guid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isGuid(value: string): boolean {
  return guid.test(value);
}

/**
 * Derives a GUID from a name. It does not change between runs and machines, so `ada` is the same person in each test.
 * It has the form of a random (version 4) GUID, as Entra's IDs have.
 */
export function guidOf(kind: string, name: string): string {
  const hex = createHash('sha256').update(`${kind}:${name.toLowerCase()}`).digest('hex');
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `${variant}${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ].join('-');
}
