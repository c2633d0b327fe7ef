import { BadInputError } from './bad-input.js';

const MOST = 1024 * 1024;

/**
 * Reads a stream of bytes to its end.
 *
 * @throws BadInputError where it is longer than a megabyte, and may have no end
 */
export async function readAll(stream: AsyncIterable<Uint8Array | string>): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MOST) {
      throw new BadInputError(
        'Standard input holds more than a megabyte.',
        'Pipe in what is asked for, and nothing else.',
      );
    }
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
