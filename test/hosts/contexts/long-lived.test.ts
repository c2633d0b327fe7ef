import 'reflect-metadata';
import { type AuthContext, memoryRevocations, type Revocations } from '@entra-guard/nestjs';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import { Subject } from 'rxjs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { LastingHost, LastingWorld } from './hosts/lasting.js';
import { lastingGrpc } from './hosts/lasting-grpc.js';
import { lastingSockets, lastingSse, lastingSubscriptions } from './hosts/lasting-http.js';

let entra: LocalEntra;
let world: LastingWorld;
let revoked: Set<string>;
let revocations: Revocations;
/** How far the API's clock is ahead: those of the clients' libraries stay where they are. */
let ahead: number;
beforeAll(async () => {
  entra = await startEntra();
});
beforeEach(() => {
  world = { pushes: new Subject(), received: [] };
  revoked = new Set();
  revocations = memoryRevocations();
  ahead = 0;
});
afterAll(() => entra.close());

const hosts = {
  'a connection of ws': lastingSockets('ws'),
  'a connection of socket.io': lastingSockets('socket.io'),
  'server-sent events on Express': lastingSse('express'),
  'server-sent events on Fastify': lastingSse('fastify'),
  'a subscription with Apollo': lastingSubscriptions('Apollo'),
  'a subscription with Mercurius': lastingSubscriptions('Mercurius'),
  'a gRPC call with one message and one answer': lastingGrpc('Unary'),
  'a gRPC call with a stream of answers': lastingGrpc('Pushed'),
  'a gRPC call with a stream of messages, @GrpcStreamMethod': lastingGrpc('Gathered'),
  'a gRPC call with a stream of messages, @GrpcStreamCall': lastingGrpc('GatheredCall'),
  'a gRPC call with both streams, @GrpcStreamMethod': lastingGrpc('Both'),
  'a gRPC call with both streams, @GrpcStreamCall': lastingGrpc('BothCall'),
} as const;

/** What was thrown where nothing catches it: it ends a process that is not a test. */
function thrownAside(): unknown[] {
  const thrown: unknown[] = [];
  const keep = (error: unknown) => void thrown.push(error);
  process.on('uncaughtExceptionMonitor', keep);
  onTestFinished(() => void process.off('uncaughtExceptionMonitor', keep));
  return thrown;
}

async function start(open: (typeof hosts)[keyof typeof hosts]): Promise<LastingHost> {
  const isRevoked = ({ objectId }: AuthContext) => revoked.has(String(objectId));
  const host = await open(
    { ...entra.options(), log: false, isRevoked, revocations, now: () => Date.now() + ahead },
    world,
  );
  onTestFinished(async () => void (await host.close()));
  return host;
}

/** Of Ada, soon to expire, and of Bob. */
function tokens() {
  const soon = Math.floor(Date.now() / 1000) + 600;
  return {
    ada: entra.user('ada', { scp: 'Read', exp: soon }),
    bob: entra.user('bob', { scp: 'Read' }),
  };
}

type Held = Awaited<ReturnType<LastingHost['hold']>>;
const ways: readonly [string, (held: Held, rights: LastingHost['rights'], ada: string) => unknown][] = [
  [
    'its token expires',
    (_, rights) => {
      ahead = 20 * 60_000;
      return rights.recheck();
    },
  ],
  [
    'its token is revoked',
    (_, rights, ada) => {
      revoked.add(ada);
      return rights.recheck();
    },
  ],
  [
    'a record revokes the access of its user, without being asked',
    (_, _rights, user) => revocations.revoke({ user, tenantId: entra.tenantId }, { because: 'left' }),
  ],
  ['its client cancels', (held) => held.cancel()],
  ['its network breaks', (held) => held.disconnect()],
];

describe.each(Object.entries(hosts))('%s', { timeout: 20_000 }, (_name, open) => {
  it.each(ways)('ends when %s, others go on, and nothing is watched afterwards', async (_way, end) => {
    const thrown = thrownAside();
    const { rights, hold } = await start(open);
    const { ada, bob } = tokens();
    const ofAda = await hold(ada.headers.authorization);
    const ofBob = await hold(bob.headers.authorization);
    await vi.waitUntil(() => rights.size === 2, { timeout: 5000 });
    await Promise.all([ofAda.alive(), ofBob.alive()]);
    await rights.recheck();
    expect(rights.size).toBe(2);
    await end(ofAda, rights, String(ada.claims.oid));
    await ofAda.ended;
    await vi.waitUntil(() => rights.size === 1, { timeout: 5000 });
    await ofBob.alive();
    expect(rights.size).toBe(1);
    ofBob.cancel();
    await vi.waitUntil(() => rights.size === 0, { timeout: 5000 });
    expect(thrown).toEqual([]);
  });
});

it('a gRPC call that has been answered is not watched', async () => {
  const { rights, hold } = await start(lastingGrpc('Unary'));
  const held = await hold(tokens().bob.headers.authorization);
  await vi.waitUntil(() => rights.size === 1, { timeout: 5000 });
  await vi.waitUntil(() => world.pushes.observed, { timeout: 5000 });
  world.pushes.next('all');
  expect(await held.ended).toEqual({ text: 'all' });
  await vi.waitUntil(() => rights.size === 0, { timeout: 5000 });
  expect(rights.size).toBe(0);
});
