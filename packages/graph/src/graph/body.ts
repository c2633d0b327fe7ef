/**
 * Reads the text of a request or response, and no more than a bound.
 *
 * @returns `undefined` if there is more
 */
export async function readBounded(
  { body }: { readonly body: ReadableStream<Uint8Array> | null },
  most: number,
): Promise<string | undefined> {
  if (body === null) return '';
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    length += part.value.byteLength;
    if (length > most) {
      void reader.cancel().catch(() => {});
      return undefined;
    }
    chunks.push(part.value);
  }
  return Buffer.concat(chunks).toString('utf8');
}
