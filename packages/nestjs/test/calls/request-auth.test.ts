import { testAuth } from '@entra-guard/core/testing';
import { expect, it } from 'vitest';
import { authOf, type RequestAuth, recall, remember } from '../../src/calls/request-auth.js';

const ada = testAuth({ kind: 'user', scopes: ['Read'] });
/** No user is asked for here. */
const of = (auth: RequestAuth['auth'], optional: boolean): RequestAuth => ({
  auth,
  optional,
  core: undefined as never,
  judge: { loadCurrentUser: async () => ({}), exceptionFor: async () => undefined },
  context: undefined as never,
  request: undefined,
});
class Left {}
class Right {}
/** Both classes have inherited it. */
const who = (): void => {};

it('one function of two classes has a caller for each class', () => {
  const found = of(ada, false);
  const none = of(undefined, true);
  for (const order of [
    [Left, Right],
    [Right, Left],
  ]) {
    const operation = {};
    for (const controller of order)
      remember([operation], controller === Left ? found : none, { callback: who, controller });
    expect(recall([undefined, operation], who, Left)).toBe(found);
    expect(recall([operation], who, Right)).toBe(none);
    expect(recall([operation], () => {}, Left)).toBeUndefined();
    expect(authOf(operation)).toBe(ada);
  }
});

it('a call whose object is not shared is found by the object alone', () => {
  const request = {};
  remember([request], of(ada, false));
  expect(recall([request], who, Right)?.auth).toBe(ada);
});
