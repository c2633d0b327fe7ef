import {
  allOf,
  appPermissions,
  authContext,
  check,
  createGuard,
  type Grant,
  type GuardOptions,
  members,
  scopes,
  signedInWithin,
  userRoles,
} from '@entra-guard/core';
import { type InProcessEntra, startEntra } from '@entra-guard/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { registrations } from '../../hosts/http/routes.js';
import { blocksOf } from './page.js';
import { guardedBy } from './web-standard.js';

let entra: InProcessEntra;
beforeAll(async () => {
  entra = await startEntra({ apps: registrations });
});
afterAll(() => entra.close());

const read = scopes('Orders.Read');
const anHourAgo = () => Math.floor(Date.now() / 1000) - 3600;
const ada = (claims = {}) => entra.user('ada', { scp: 'Orders.Read', ...claims }).headers;

interface Example {
  readonly requirement: Grant;
  readonly headers: () => Readonly<Record<string, string>>;
  /** Replaces those of the local Entra. */
  readonly options?: () => GuardOptions;
}

const examples: Readonly<Record<string, Example>> = {
  'no credentials': { requirement: read, headers: () => ({}) },
  'a broken header': { requirement: read, headers: () => ({ authorization: 'Bearer one two' }) },
  'a refused token': { requirement: read, headers: () => entra.wrong.expired().headers },
  'a refused token, where several tenants are accepted': {
    requirement: read,
    headers: () => entra.wrong.tenant().headers,
    options: () => entra.options('orders', { tenants: ['contoso', 'northwind'] }),
  },
  'a missing scope': { requirement: scopes('Orders.Write'), headers: ada },
  'a missing role, with the scope': { requirement: allOf(read, userRoles('Orders.Admin')), headers: ada },
  'a missing application permission': {
    requirement: appPermissions('Orders.Read.All'),
    headers: () => entra.app('robot', { roles: ['Orders.Write.All'] }).headers,
  },
  'an authentication context': { requirement: allOf(read, authContext('c1')), headers: ada },
  'an old sign-in': {
    requirement: allOf(read, signedInWithin('15m')),
    headers: () => ada({ auth_time: anHourAgo() }),
  },
  'a claim that the token lacks': { requirement: allOf(read, members()), headers: ada },
  'a check that hides': {
    requirement: allOf(
      read,
      check('owns order', () => false, { otherwise: 'not-found' }),
    ),
    headers: ada,
  },
  'unavailable keys': {
    requirement: read,
    headers: ada,
    options: () => ({
      ...entra.options('orders'),
      fetch: () => Promise.resolve(new Response('', { status: 503, headers: { 'retry-after': '30' } })),
    }),
  },
  'an explanation': {
    requirement: read,
    headers: () => entra.wrong.graphAudience().headers,
    options: () => ({ ...entra.options('orders'), explain: true }),
  },
};

it.each(Object.keys(examples))('the page shows what comes back for %s', async (name) => {
  const { requirement, headers, options } = examples[name] ?? expect.fail();
  const guard = createGuard({ ...(options?.() ?? entra.options('orders')), log: false } as GuardOptions);
  const handler = guardedBy(guard)('GET /orders', requirement, () => expect.fail());
  const answer = await handler(new Request('http://localhost/orders', { headers: headers() }));
  await guard.close();
  expect(blocksOf('docs/answers.md', 'http')).toContain(await written(answer));
});

/** As it goes over the wire, with a body that people can read. */
async function written(answer: Response): Promise<string> {
  const { title } = (await answer.clone().json()) as { title: string };
  const headers = ['www-authenticate', 'retry-after', 'cache-control', 'content-type'].flatMap((name) => {
    const value = answer.headers.get(name);
    return value === null ? [] : [`${NAMES[name]}: ${value}`];
  });
  const body = JSON.stringify(await answer.json(), null, 2);
  return `${[`HTTP/1.1 ${answer.status} ${title}`, ...headers].join('\n')}\n\n${body}\n`;
}

const NAMES: Readonly<Record<string, string>> = {
  'www-authenticate': 'WWW-Authenticate',
  'retry-after': 'Retry-After',
  'cache-control': 'Cache-Control',
  'content-type': 'Content-Type',
};
