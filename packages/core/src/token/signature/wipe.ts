const { fill } = Uint8Array.prototype;

/** Overwrites the first bytes of a buffer with zeros, without the overhead of `Buffer.prototype.fill`. */
export function wipe(buffer: Uint8Array, length: number): void {
  fill.call(buffer, 0, 0, length);
}
