import { createGuard, createValidator, explain } from '@entra-guard/core';
import { expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { API, signed, TENANT, userClaims } from '../../../../test/support/forger.js';

it('options that are not an object are refused', () => {
  expect(() => createGuard(undefined as never)).toThrow('The options are undefined.');
  expect(() => createGuard('contoso' as never)).toThrow('The options are a string of 7 characters.');
});

it('a token in the place of the options is not repeated', async () => {
  const token = signed(userClaims());
  const inPlaceOfOptions: readonly (() => unknown)[] = [
    () => createGuard(token as never),
    () => createValidator(token as never),
    () => explain({ tenantId: TENANT, clientId: API } as never, token as never),
  ];
  for (const call of inPlaceOfOptions) {
    const error = await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(`The options are a string of ${token.length} characters.`);
    expect(String(error)).not.toContain(token.slice(0, 20));
  }
});

it('a secret in the place of the tenant is not repeated', () => {
  const tenantId = 'abc8Q~FAKE-secret-of-the-orders-api-0123';
  const build = () => createValidator(contoso({ tenantId }));
  expect(build).toThrow('tenantId looks like a client secret.');
  expect(build).not.toThrow(tenantId);
});
