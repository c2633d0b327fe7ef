import { randomBytes } from 'node:crypto';
import { keyRing, openCaller, SealedCallerError, sealCaller } from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const ring = keyRing([
  { id: 'k1', secret: randomBytes(32) },
  { id: 'k2', secret: randomBytes(32) },
]);
const text = sealCaller(testAuth({ kind: 'user', scopes: ['Orders.Read'] }), ring, { validFor: '1h' });

/** Nothing but the error of a sealed caller comes out, and never a caller. */
function expectNoCaller(instead: string): void {
  try {
    openCaller(instead, ring);
  } catch (error) {
    expect(SealedCallerError.is(error)).toBe(true);
    return;
  }
  throw new Error(`It was opened: ${instead}`);
}

describe('nothing makes a caller but the text that was sealed', () => {
  it('not what becomes of it by any change', () => {
    const edits = fc.oneof(
      fc.record({
        at: fc.nat(text.length - 1),
        cut: fc.constantFrom(1, 2, 50),
        put: fc.string({ maxLength: 3 }),
      }),
      fc.record({
        at: fc.nat(text.length - 1),
        cut: fc.constantFrom(0, 1),
        put: fc.constantFrom('A', '_', '.', '=', 'é', '\u0000'),
      }),
      fc.record({ at: fc.nat(text.length), cut: fc.constant(text.length), put: fc.constant('') }),
    );
    const property = fc.property(edits, ({ at, cut, put }) => {
      const edited = text.slice(0, at) + put + text.slice(at + cut);
      fc.pre(edited !== text);
      expectNoCaller(edited);
    });
    fc.assert(property, { numRuns: 2000, seed: 1 });
  });

  it('not any other text', () => {
    const texts = fc.oneof(
      fc.string({ maxLength: 200 }),
      fc.base64String().map((end) => `entra-guard-caller.v1.k1.${end}`),
      fc
        .uint8Array({ minLength: 28, maxLength: 400 })
        .map((end) => `entra-guard-caller.v1.k1.${Buffer.from(end).toString('base64url')}`),
      fc
        .tuple(fc.nat(3), fc.string({ maxLength: 5 }))
        .map(([version, id]) => text.replace('v1.k1', `v${version}.${id}`)),
    );
    const property = fc.property(texts, (instead) => {
      fc.pre(instead !== text);
      expectNoCaller(instead);
    });
    fc.assert(property, { numRuns: 500, seed: 1 });
  });
});
