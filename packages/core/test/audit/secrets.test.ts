import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import {
  fetchFromMemory,
  forged,
  OTHER_API,
  OTHER_TENANT,
  ofTenant,
  signed,
  userClaims,
} from '../../../../test/support/forger.js';
import {
  allOf,
  check,
  createGuard,
  createValidator,
  type DecisionEvent,
  type Grant,
  type LogEntry,
  onEvent,
  type RequestLike,
  scopes,
  toHttp,
} from '../../src/index.js';

const log: LogEntry[] = [];
const events: DecisionEvent[] = [];
const outgoing: unknown[] = [];
afterAll(onEvent((event) => events.push(event), { types: ['decision'] }));

const fetch: typeof globalThis.fetch = (...request) => {
  outgoing.push(request);
  return fetchFromMemory(...request);
};
const sink = (entry: LogEntry): void => void log.push(entry);
const validator = createValidator(
  contoso({ fetch, log: sink, isRevoked: ({ tokenId }) => tokenId === 'revoked' }),
);
const guard = createGuard({ validator, explain: true, auditClaims: ['scp'] });
const read = scopes('Orders.Read');

/** Everything that an operator, a caller or a debugger could get to see of a value. */
function sayings(value: unknown): string[] {
  const seen = [inspect(value, { depth: 10, showHidden: true }), String(JSON.stringify(value))];
  if (!(value instanceof Error)) return seen;
  const { message, stack = '', cause } = value;
  const { hint = '' } = value as { hint?: string };
  const answers = [toHttp(value, { explain: true }), guard.toHttp(value)].map((answer) =>
    JSON.stringify(answer),
  );
  return [...seen, message, stack, hint, ...answers, ...(cause === undefined ? [] : sayings(cause))];
}

/** The token, its three parts, and the beginning of each. */
function secretsIn(token: string): string[] {
  const parts = token.split('.').filter((part) => part.length >= 16);
  return [token, ...parts, ...parts.map((part) => part.slice(0, 16))];
}

const node = (token: string, headers: Record<string, string> = {}, rawHeaders?: string[]): RequestLike => ({
  headers: { authorization: `Bearer ${token}`, ...headers },
  rawHeaders,
});
const user = signed(userClaims());
const [header = '', payload = '', signature = ''] = user.split('.');
const own = (test: () => boolean | Promise<boolean>): Grant => allOf(read, check('owns order', test));

type Case = [what: string, token: string, request?: RequestLike, requirement?: Grant];
const cases: readonly Case[] = [
  ['a good token', user],
  ['a good token without the scope', user, node(user), scopes('Orders.Write')],
  ['a check that refuses', user, node(user), own(() => false)],
  [
    'a check that throws',
    user,
    node(user),
    own(() => {
      throw new Error('database down');
    }),
  ],
  ['an expired token', signed(userClaims({ exp: 1_700_000_000, nbf: 1, iat: 1 }))],
  ["another API's token", signed(userClaims({ aud: OTHER_API }))],
  ["another tenant's token", signed(ofTenant(OTHER_TENANT, userClaims()))],
  ['a revoked token', signed(userClaims({ uti: 'revoked' }))],
  ['a forged token', forged(userClaims())],
  ['an unknown key', signed(userClaims(), { kid: 'made-up' })],
  ['an unsigned token', `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`],
  ['a token of two parts', `${header}.${payload}`],
  ['a token of five parts', `${header}.${payload}.${signature}.${payload}.${signature}`],
  ['a token with its parts swapped', `${payload}.${header}.${signature}`],
  ['a token whose payload is not JSON', `${header}.${signature}.${signature}`],
  ['an opaque token', 'EwBwA8l6BAAURSNFAKEFAKEFAKEFAKEFAKEFAKEFAKE'],
  ['a token that is too large', user + 'A'.repeat(20_000)],
  [
    'two headers',
    user,
    node(user, {}, ['Authorization', `Bearer ${user}`, 'Authorization', `Bearer ${user}`]),
  ],
  ['two tokens in one header', user, node(`${user} ${user}`)],
  ['a token behind another scheme', user, { headers: { authorization: `PoP ${user}` } }],
  ['a token with a colon behind the scheme', user, { headers: { authorization: `Bearer: ${user}` } }],
  ['a token without the word Bearer', user, { headers: { authorization: user } }],
  ['a token in quotes', user, { headers: { authorization: `"Bearer ${user}"` } }],
  ['a token in the traceparent', user, node(user, { traceparent: user })],
];

describe('nothing that anybody can see holds the token or a part of it', () => {
  it.each(cases)('%s', async (_, token, request = node(token), requirement = read) => {
    log.length = 0;
    events.length = 0;
    const outcome: unknown = await guard
      .require(request, requirement, { handler: 'GET /orders' })
      .catch((error: unknown) => error);
    expect(events).toHaveLength(1);
    const said = [outcome, ...log, ...events, guard, validator, validator.state(), outgoing].flatMap(sayings);
    // Where a scheme was expected, the text was changed to small letters.
    const text = said.join('\n').toLowerCase();
    for (const secret of secretsIn(token)) expect(text.includes(secret.toLowerCase()), secret).toBe(false);
  });

  it('but the search would find one', () => {
    const text = [new Error('refused', { cause: { token: user } })].flatMap(sayings).join('\n').toLowerCase();
    expect(secretsIn(user).some((secret) => text.includes(secret.toLowerCase()))).toBe(true);
  });
});
