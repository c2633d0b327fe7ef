import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const moving = ['aio', 'rh', 'uti', 'iat', 'nbf', 'exp', 'sub'];

/** The claims of each kind of token that do not differ from one token to the next. */
function claims(): unknown {
  const made = [
    entra.user('ada'),
    entra.app('job'),
    entra.managedIdentity(),
    entra.agent(),
    entra.agent('helper', { onBehalfOf: 'ada' }),
  ];
  return made.map((token) =>
    Object.fromEntries(Object.entries(token.claims).filter(([name]) => !moving.includes(name))),
  );
}

it.each([
  ['ver', '1.0'],
  ['scp', 'Everything'],
  ['roles', ['Admin']],
  ['tenant', 'fabrikam'],
  ['guest', true],
  ['api', 'another'],
  ['client', 'stranger'],
  ['user', true],
  ['onBehalfOf', 'bob'],
  ['blueprint', 'other'],
])('claims are not taken from Object.prototype: %s', (name, value) => {
  const before = claims();
  Object.defineProperty(Object.prototype, name, { value, configurable: true, writable: true });
  let during: unknown;
  try {
    during = claims();
  } finally {
    Reflect.deleteProperty(Object.prototype, name);
  }
  expect(during).toEqual(before);
});
