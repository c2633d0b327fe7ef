import { createValidator } from '@entra-guard/core';
import { allOf, entraGuard, inGroups, scopes } from '@entra-guard/express';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { call } from './call.js';
import { majors } from './majors.js';

const MANAGERS = 'aaaaaaaa-0000-4000-8000-000000000001';
const groupsOf = async (): Promise<readonly string[]> => [MANAGERS];

let entra: LocalEntra;
beforeAll(async () => {
  entra = await startEntra();
});
afterAll(() => entra.close());

const options = () => ({ ...entra.options(), log: false as const });
const other = () => ({ ...options(), clientId: '00009999-aaaa-2222-bbbb-3333cccc4444' });

describe.each(majors)('the setting groupsOf on %s', (_, express) => {
  it.each([
    ['next to the options', () => entraGuard({ ...options(), groupsOf })],
    ['next to `authorities`', () => entraGuard({ authorities: [options(), other()], groupsOf })],
    ['in a validator', () => entraGuard({ validator: createValidator([options(), other()], { groupsOf }) })],
  ])('holds for all authorities: %s', async (_place, build) => {
    const guard = build();
    onTestFinished(() => guard.close());
    const approve = allOf(scopes('Orders.Read'), inGroups(MANAGERS));
    const app = express().get('/', guard.require(approve), (_request, response) => response.json({}));
    const token = entra.user('ada', { scp: 'Orders.Read', hasgroups: true });
    const headers = [['Authorization', token.headers.authorization] as const];
    expect((await call(app, { method: 'GET', path: '/', headers })).status).toBe(200);
  });
});

it('a setting inside one of several authorities is refused, and the error says where it goes', () => {
  const authorities = [options(), { ...other(), loadUser: () => ({}) }];
  expect(() => entraGuard({ authorities })).toThrow(
    'Authority 2 has loadUser, which is not an option of one authority: it holds for all of them. Put it next to `authorities`: { authorities: […], loadUser }.',
  );
});
