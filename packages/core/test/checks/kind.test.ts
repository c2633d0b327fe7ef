import { expect, it } from 'vitest';
import { userClaims } from '../../../../test/support/forger.js';
import { classify } from '../../src/token/checks/kind.js';

const RULES = { b2c: false, appClients: new Set<string>(), idTokens: false };

it.each([
  ['one', 'Orders.Read', ['Orders.Read']],
  ['several', 'Orders.Read Orders.Write profile', ['Orders.Read', 'Orders.Write', 'profile']],
  ['blanks around and between them', '  Orders.Read   profile ', ['Orders.Read', 'profile']],
  ['one that says nothing between them', 'Orders.Read / profile', ['Orders.Read', 'profile']],
  ['one that only begins like it', '/Orders.Read a/', ['/Orders.Read', 'a/']],
  ['one letter each', 'a b', ['a', 'b']],
  ['other white space within one', 'a\tb\nc', ['a\tb\nc']],
])('the scopes of a token: %s', (_, scp, scopes) => {
  expect(classify(userClaims({ scp }), RULES)).toMatchObject({ kind: 'user', scopes });
});
