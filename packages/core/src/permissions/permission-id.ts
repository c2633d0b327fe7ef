import { createHash } from 'node:crypto';

/** The namespace of derived IDs (RFC 9562 section 5.5). Changing it would change every derived ID, and orphan consents. */
const NAMESPACE = Buffer.from('7d0f6c1e2a5b4c3d8e9fa0b1c2d3e4f5', 'hex');

/**
 * Derives the ID of a permission whose definition sets none: a version 5 UUID (RFC 9562 section 5.5) of the API and the
 * value. So every machine and every run gets one result.
 */
export function permissionId(api: string, value: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(`${api}\n${value}`).digest().subarray(0, 16);
  hash.writeUInt8((hash.readUInt8(6) & 0x0f) | 0x50, 6);
  hash.writeUInt8((hash.readUInt8(8) & 0x3f) | 0x80, 8);
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
