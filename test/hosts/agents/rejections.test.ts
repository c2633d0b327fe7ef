import {
  type AuthContext,
  authorize,
  createGuard,
  createValidator,
  type Guard,
  scopes,
  type Validator,
} from '@entra-guard/core';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';

let entra: LocalEntra;
let validator: Validator;
let guard: Guard;
let ada: AuthContext;
const unhandled: unknown[] = [];
const note = (reason: unknown): number => unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', note);
  entra = await startEntra();
  validator = createValidator({ ...entra.options(), log: false });
  guard = createGuard({ validator });
  ada = await validator.validate(entra.user('ada', { scp: 'Orders.Read' }).token);
});

afterAll(async () => {
  process.off('unhandledRejection', note);
  validator.close();
  await entra.close();
});

const without = () => ({ headers: {} });
const expired = () => entra.wrong.expired();

/** zone.js looks for handlers as soon as its own microtasks are done, which is before a native `await` adds one. */
it.each<readonly [name: string, refuse: () => unknown]>([
  ['validate()', () => validator.validate(expired().token)],
  ['validate() of what is not a token', () => validator.validate('x')],
  ['authenticate()', () => guard.authenticate(without())],
  ['authenticate() with an expired token', () => guard.authenticate(expired())],
  ['require()', () => guard.require(expired(), scopes('Orders.Read'))],
  [
    'require() of another scope',
    () => guard.require(entra.user('ada', { scp: 'Other' }), scopes('Orders.Read')),
  ],
  ['decide()', () => guard.decide(expired(), scopes('Orders.Read'))],
  ['authorize()', () => authorize(scopes('Orders.Write'), ada)],
])('a refusal of %s is handled by who awaits it', async (_, refuse) => {
  const before = unhandled.length;
  await expect((async () => refuse())()).rejects.toHaveProperty('code');
  await new Promise((resolve) => setImmediate(resolve));
  expect(unhandled.slice(before)).toEqual([]);
});
