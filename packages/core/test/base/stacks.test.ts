import { authorize, createGuard, scopes } from '@entra-guard/core';
import { afterEach, describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { signed, userClaims } from '../../../../test/support/forger.js';
import { ConfigurationError, CredentialError, TokenError } from '../../src/base/errors.js';

const frames = (error: Error): number => (error.stack?.match(/^ {4}at /gm) ?? []).length;
const facts = { message: 'refused', hint: 'Send another.' };
const limit = Error.stackTraceLimit;

afterEach(() => {
  Error.stackTraceLimit = limit;
});

describe('the stack of an error', () => {
  it('has no frames where it answers a request: they lead through the guard', () => {
    expect(frames(new CredentialError({ code: 'credentials_missing', ...facts }))).toBe(0);
    expect(frames(new TokenError({ code: 'token_expired', ...facts }))).toBe(0);
    expect(new TokenError({ code: 'token_expired', ...facts }).stack).toContain('refused');
  });

  it('has frames where a developer has to change the place', () => {
    expect(frames(new ConfigurationError('tenantId is missing.', 'Set it.'))).toBeGreaterThan(0);
  });

  it('of any other error is as deep as it was', () => {
    Error.stackTraceLimit = 3;
    new TokenError({ code: 'token_expired', ...facts });
    expect(Error.stackTraceLimit).toBe(3);
    expect(frames(new Error('another'))).toBe(3);
  });

  it('is made with frames where Error is frozen', () => {
    Object.defineProperty(Error, 'stackTraceLimit', { value: 2, writable: false, configurable: true });
    try {
      expect(frames(new TokenError({ code: 'token_expired', ...facts }))).toBe(2);
    } finally {
      Object.defineProperty(Error, 'stackTraceLimit', { value: limit, writable: true, configurable: true });
    }
  });

  it('begins in the handler that called authorize', async () => {
    const guard = createGuard(contoso());
    const headers = new Headers({ Authorization: `Bearer ${signed(userClaims())}` });
    const auth = await guard.require({ headers }, scopes('Orders.Read'));
    const error = await authorize(scopes('Orders.Write'), auth).catch((thrown: Error) => thrown);
    expect((error as Error).stack).toMatch(
      /^PermissionError: The access token lacks a scope\.(\n {4}at .*)*stacks\.test\.ts/,
    );
  });
});
