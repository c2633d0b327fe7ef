import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, ISSUED, NOW, signed, TENANT, userClaims } from '../../../../test/support/forger.js';
import {
  createValidator,
  keyRing,
  memoryRevocations,
  openCaller,
  type Revocations,
  SealedCallerError,
  sealCaller,
  TokenError,
  UnavailableError,
} from '../../src/index.js';
import { configurationSentence } from '../refusals.js';

const ring = keyRing([{ id: 'k1', secret: randomBytes(32) }]);
const because = 'left the company';
const ada = { user: ADA, tenantId: TENANT } as const;

async function sealed(claims: Record<string, unknown> = {}): Promise<string> {
  const auth = await createValidator(contoso()).validate(signed(userClaims(claims)));
  return sealCaller(auth, ring, { validFor: '7d', now: NOW });
}

describe('a job whose caller was revoked since', () => {
  it('is not run where the revocations are given', async () => {
    const revocations = memoryRevocations({ now: () => NOW });
    const text = await sealed();
    expect(openCaller(text, ring, { now: NOW, revocations }).objectId).toBe(ADA);
    await revocations.revoke(ada, { because });
    expect(() => openCaller(text, ring, { now: NOW, revocations })).toThrow(TokenError);
    expect(openCaller(text, ring, { now: NOW }).objectId).toBe(ADA);
  });

  it('is not run once a record about it may have ended', async () => {
    const revocations = memoryRevocations({ now: () => NOW, longestToken: '2h' });
    const last = (ISSUED + 7200 + 600) * 1000;
    const text = await sealed();
    openCaller(text, ring, { now: last - 1, revocations });
    expect(() => openCaller(text, ring, { now: last, revocations })).toThrow(SealedCallerError);
    const timeless = await sealed({ iat: undefined, nbf: undefined });
    expect(() => openCaller(timeless, ring, { now: NOW, revocations })).toThrow(
      'longer ago than revocations',
    );
  });

  it('is kept while that can not be told', async () => {
    const text = await sealed();
    const broken = Object.assign(memoryRevocations(), {
      find: () => {
        throw new Error('own store');
      },
    });
    expect(() => openCaller(text, ring, { now: NOW, revocations: broken })).toThrow(UnavailableError);
    const none = {} as Revocations;
    expect(configurationSentence(() => openCaller(text, ring, { revocations: none }))).toContain(
      'without the method find',
    );
  });
});
