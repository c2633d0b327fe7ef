import { createRequire } from 'node:module';
import { inspect } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import { MessageChannel, receiveMessageOnPort } from 'node:worker_threads';
import type { AuthContext } from '@entra-guard/core';
import { startEntra } from '@entra-guard/testing';
import { instanceToInstance, instanceToPlain, plainToInstance } from 'class-transformer';
import express from 'express5';
import { beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../support/listen.js';

const { cloneDeep } = createRequire(import.meta.url)('lodash') as { cloneDeep<T>(value: T): T };

/** What a copy of a caller says. */
type Copy = Pick<AuthContext, 'kind' | 'scopes' | 'roles' | 'groups' | 'authenticationContexts' | 'claims'>;

function posted(value: unknown): unknown {
  const { port1, port2 } = new MessageChannel();
  port1.postMessage(value);
  const received = receiveMessageOnPort(port2)?.message;
  port1.close();
  return received;
}

async function answered(value: unknown): Promise<unknown> {
  const host = await listen(express().get('/', (_req, res) => void res.json(value)));
  const answer = await fetch(host.origin);
  const body = await answer.json();
  await host.close();
  return body;
}

/** Whatever applications do with objects. */
const WAYS: readonly [string, (value: object) => unknown][] = [
  ['structuredClone', structuredClone],
  ['JSON, to a queue and back', (value) => JSON.parse(JSON.stringify(value))],
  ["Express's res.json", answered],
  ['postMessage of a worker', posted],
  ["v8's serialize", (value) => deserialize(serialize(value))],
  ['a spread', (value) => ({ ...value })],
  ['Object.assign', (value) => Object.assign({}, value)],
  ["lodash's cloneDeep", cloneDeep],
  ["class-transformer's instanceToPlain", (value) => instanceToPlain(value)],
  ["class-transformer's instanceToInstance", (value) => instanceToInstance(value)],
  ["class-transformer's plainToInstance of its own class", (value) => plainToInstance(Caller, value)],
];

class Caller {}

const groups = Array.from({ length: 12 }, (_, at) => `group-${at}`);
const claims = {
  scp: 'Orders.Read Orders.Write Orders.Read',
  roles: ['Orders.Admin'],
  groups,
  acrs: ['c1'],
  // A name that a copier may take for something else.
  length: 7,
};

let auth: AuthContext;
beforeAll(async () => {
  const entra = await startEntra();
  const { createValidator } = await import('@entra-guard/core');
  auth = await createValidator({ ...entra.options(), log: false }).validate(entra.user('ada', claims).token);
});

describe.each(WAYS)('a caller that is copied by %s', (_, copyOf) => {
  it('has arrays of scopes, roles, groups and authentication contexts', async () => {
    const copy = (await copyOf(auth)) as Copy;
    expect(copy).not.toBe(auth);
    for (const list of [copy.scopes, copy.roles, copy.groups, copy.authenticationContexts]) {
      expect(Array.isArray(list)).toBe(true);
    }
    expect([...copy.scopes]).toEqual(['Orders.Read', 'Orders.Write']);
    expect([...copy.roles]).toEqual(['Orders.Admin']);
    expect([...copy.groups]).toEqual(groups);
    expect([...copy.authenticationContexts]).toEqual(['c1']);
    expect([copy.kind, copy.claims.uti]).toEqual(['user', auth.claims.uti]);
  });

  it('has its scopes alone as an array, too', async () => {
    const copy = (await copyOf({ scopes: auth.scopes })) as Pick<Copy, 'scopes'>;
    expect(Array.isArray(copy.scopes)).toBe(true);
    expect([...copy.scopes]).toEqual(['Orders.Read', 'Orders.Write']);
    expect(copy.scopes).toHaveLength(2);
  });
});

describe('the scopes of a caller', () => {
  it('are told as an array', () => {
    expect(inspect(auth.scopes)).toBe("[ 'Orders.Read', 'Orders.Write' ]");
    expect(`${auth.scopes}`).toBe('Orders.Read,Orders.Write');
    expect(auth.scopes).toEqual(['Orders.Read', 'Orders.Write']);
    expect(auth.scopes).toStrictEqual(['Orders.Read', 'Orders.Write']);
  });
});
