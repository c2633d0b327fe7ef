import { once } from 'node:events';
import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { type BodySource, revocationBody } from '../../src/revocation.js';
import { refusalOf } from '../refusals.js';

const JSON_TYPE = 'application/json; charset=utf-8';

function sent(chunks: readonly string[], type: string | undefined = JSON_TYPE, more: object = {}) {
  const stream = Readable.from(chunks.map((chunk) => Buffer.from(chunk)));
  return Object.assign(stream, { headers: { 'content-type': type }, ...more }) as Readable & BodySource;
}

describe('the body of a request about revocations', () => {
  it('is read as JSON, in however many parts it comes', async () => {
    expect(await revocationBody(sent(['{"because":', '"left"}']))).toEqual({ because: 'left' });
    expect(await revocationBody(sent([`"${'x'.repeat(16_382)}"`]))).toHaveLength(16_382);
  });

  it('may be missing, without a type too', async () => {
    expect(await revocationBody(sent([], undefined))).toBeUndefined();
  });

  it('is what a parser has read', async () => {
    const parsed = sent(['no JSON'], JSON_TYPE, { body: { because: 'left' } });
    expect(await revocationBody(parsed)).toEqual({ because: 'left' });
    expect(parsed.readableDidRead).toBe(false);
  });

  it('is not waited for where it was read to its end', async () => {
    const read = sent(['{}']);
    await read.toArray();
    expect(await revocationBody(read)).toBeUndefined();
  });

  it('is discarded if it is too large, so that no client hangs that is still sending', async () => {
    const large = sent(['x'.repeat(16_384), 'x', 'x']);
    expect((await refusalOf(revocationBody(large))).code).toBe('request_invalid');
    expect(large.destroyed).toBe(false);
    await once(large, 'end');
    expect(large.readableEnded).toBe(true);
  });

  it.each([
    ['larger than 16 kB', sent(['x'.repeat(16_384), 'x']), 'larger than 16384 bytes'],
    ['of another type', sent(['{}'], 'application/jsonp'), 'not of the type application/json'],
    ['of an empty type', sent(['{}'], ''), 'not of the type application/json'],
    ['without a type', sent(['{}'], JSON_TYPE, { headers: {} }), 'not of the type application/json'],
    ['no JSON', sent(['{']), 'The body is not JSON.'],
  ])('is refused if it is %s', async (_, request, message) => {
    const refusal = await refusalOf(revocationBody(request));
    expect(refusal).toMatchObject({ code: 'request_invalid', message: expect.stringContaining(message) });
  });
});
