import {
  allOf,
  approval,
  CredentialError,
  check,
  limit,
  PermissionError,
  scopes,
  tighten,
  whenAgent,
} from '@entra-guard/core';
import { testAuth } from '@entra-guard/core/testing';
import { expect, it } from 'vitest';
import { decideOnce, once } from '../../src/calls/decided-once.js';

const ada = testAuth({ kind: 'user', scopes: ['Read'] });
const bob = testAuth({ kind: 'user', scopes: ['Read'] });
const plain = () => ({ mode: 'require', requirement: scopes('Read') }) as const;
const checked = () => {
  const requirement = allOf(
    scopes('Read'),
    check('always', () => true),
  );
  return { mode: 'require', requirement } as const;
};
const missing = new CredentialError({ code: 'credentials_missing', message: 'a', hint: 'b' });
const forbidden = new PermissionError({ code: 'scope_missing', message: 'a', hint: 'b' });
const throwing = (error: unknown) => () => {
  throw error;
};

it('decides once for the same credentials and access, and again for others', async () => {
  const request = { headers: { authorization: 'Bearer a' } };
  const access = plain();
  await expect(decideOnce(request, access, () => ada)).resolves.toBe(ada);
  await expect(decideOnce(request, access, () => bob)).resolves.toBe(ada);
  await expect(decideOnce(request, plain(), () => bob)).resolves.toBe(bob);
  await expect(decideOnce({ ...request }, access, () => bob)).resolves.toBe(bob);
});

it.each([
  ['its headers', { authorization: 'Bearer b' }],
  ['nothing any more', {}],
])('decides again when the request brings %s', async (_, headers) => {
  const request: { headers: Record<string, string>; rawHeaders: string[] } = {
    headers: { authorization: 'Bearer a' },
    rawHeaders: ['Authorization', 'Bearer a'],
  };
  const access = plain();
  await expect(decideOnce(request, access, () => ada)).resolves.toBe(ada);
  request.headers = headers;
  await expect(decideOnce(request, access, throwing(missing))).rejects.toBe(missing);
});

it.each([missing, forbidden])('gives one error for all: $code', async (error) => {
  const request = { headers: {} };
  const access = plain();
  await expect(decideOnce(request, access, throwing(error))).rejects.toBe(error);
  await expect(decideOnce(request, access, () => ada)).rejects.toBe(error);
});

it('asks again where checks have a say, unless the token is refused', async () => {
  const access = checked();
  const refused = { headers: {} };
  await expect(decideOnce(refused, access, throwing(missing))).rejects.toBe(missing);
  await expect(decideOnce(refused, access, () => ada)).rejects.toBe(missing);
  const denied = { headers: {} };
  await expect(decideOnce(denied, access, throwing(forbidden))).rejects.toBe(forbidden);
  await expect(decideOnce(denied, access, () => ada)).resolves.toBe(ada);
  const pending = { headers: {} };
  await expect(decideOnce(pending, access, () => Promise.reject(missing))).rejects.toBe(missing);
  await expect(decideOnce(pending, access, () => ada)).rejects.toBe(missing);
  const later = { headers: {} };
  await expect(decideOnce(later, access, () => Promise.reject(forbidden))).rejects.toBe(forbidden);
  expect(await decideOnce(later, access, () => ada)).toBe(ada);
  const allowed = { headers: {} };
  expect(await decideOnce(allowed, access, () => Promise.resolve(ada))).toBe(ada);
  await expect(decideOnce(allowed, access, throwing(forbidden))).rejects.toBe(forbidden);
});

it.each([
  limit({ calls: 1, per: '1h' }),
  approval('pay', { of: () => 1 }),
  whenAgent(approval('pay', { of: () => 1 })),
])('asks again for each field with %s: one approval is not one of all aliases', async (narrowing) => {
  const access = { mode: 'require', requirement: allOf(scopes('Read'), narrowing) } as const;
  const request = { headers: {} };
  expect(await decideOnce(request, access, () => ada)).toBe(ada);
  await expect(decideOnce(request, access, throwing(forbidden))).rejects.toBe(forbidden);
});

it('makes an error once a request and handler', () => {
  const request = { headers: {} };
  const handler = () => {};
  const first = once(request, handler, () => new Error('one'));
  expect(once(request, handler, () => new Error('two'))).toBe(first);
  expect(once({ headers: {} }, handler, () => new Error('three'))).not.toBe(first);
});

it.each(['now', 'next'] as const)('asks again where what decides %s has a check', async (where) => {
  const read = scopes('Read');
  const own = allOf(
    read,
    check('always', () => true),
  );
  const until = new Date('2999-01-31');
  const requirement = where === 'now' ? tighten(own, read, { until }) : tighten(read, own, { until });
  const access = { mode: 'require', requirement } as const;
  const request = { headers: {} };
  expect(await decideOnce(request, access, () => ada)).toBe(ada);
  await expect(decideOnce(request, access, throwing(forbidden))).rejects.toBe(forbidden);
});
