import { describe, expect, it } from 'vitest';
import { redisQueue } from '../src/index.js';
import { beginRevocations, examineRedis, operateRevocations } from '../src/operator.js';
import { clientNames, connect } from './support/clients.js';
import { whyNot } from './support/redis-server.js';
import {
  because,
  closeAfterAll,
  closeLater,
  eventually,
  newServer,
  readyStore,
  startStore,
  target,
  usedServer,
  verdict,
} from './support/stores.js';

closeAfterAll();
const skipped = whyNot === undefined ? '' : ` (skipped: ${whyNot})`;
const HOUR = 3600;

describe.skipIf(whyNot !== undefined).each(clientNames)(
  `an operator of revocations, over %s${skipped}`,
  { timeout: 60_000 },
  (name) => {
    const operator = async (port: number) => {
      const { client, close } = await connect(name, port);
      closeLater(close);
      return { client, open: () => operateRevocations(client) };
    };

    it.concurrent('shuts a user out of every process, and lets her in again', async () => {
      const server = await usedServer();
      const { revocations } = await readyStore(name, server.port);
      const { open } = await operator(server.port);
      const first = await (await open()).revoke(target(1), { because, source: 'cli' });
      expect(first).toMatchObject({ before: false, record: { because, source: 'cli', reach: 'shared' } });
      await eventually(() => expect(verdict(revocations, 1)).toBe('revoked'));
      const again = await open();
      expect(again.list(target(1))).toEqual([first.record]);
      expect(await again.revoke(target(1), { because, source: 'cli' })).toEqual({
        record: first.record,
        before: true,
      });
      expect(await again.lift(first.record.id, { because })).toMatchObject({ id: first.record.id });
      await eventually(() => expect(verdict(revocations, 1)).toBe('accepted'));
      const last = await open();
      expect(last.list()).toEqual([]);
      expect(await last.lift(first.record.id, { because })).toBeUndefined();
      await expect(last.lift('7'.repeat(8), { because })).rejects.toThrow(
        'There is no revocation with the ID',
      );
    });

    it.concurrent('is refused on a prefix without processes, until that is begun', async () => {
      const server = await newServer();
      const { client, open } = await operator(server.port);
      await expect(open()).rejects.toMatchObject({
        problem: expect.stringContaining("No process has started on the prefix '{entra-guard}'"),
        hint: expect.stringContaining('entra-guard revocations init'),
      });
      expect(server.cli('keys', '*')).toBe('');
      expect(await beginRevocations(client)).toBe(true);
      expect(await beginRevocations(client)).toBe(false);
      expect((await open()).list()).toEqual([]);
    });

    it.concurrent('keeps a cutoff for as long as the longest token that a process accepts', async () => {
      const server = await usedServer();
      await readyStore(name, server.port, { longestToken: '10h' });
      await eventually(() => expect(server.cli('zcard', '{entra-guard}:state')).toBe('1'));
      const { open } = await operator(server.port);
      const operating = await open();
      expect(operating.longestToken).toBe(10 * HOUR);
      const issuedBefore = Math.floor(Date.now() / 1000) * 1000;
      const { record } = await operating.revoke(target(1), { because, issuedBefore });
      expect(record.until - issuedBefore).toBe((10 * HOUR + 600 + 300) * 1000);
      // It has announced nothing itself.
      expect((await open()).longestToken).toBe(10 * HOUR);
    });

    it.concurrent('lowers longestToken only once no process needs more, and names those that do', async () => {
      const server = await usedServer();
      const long = await readyStore(name, server.port, { longestToken: '28h' });
      const short = await readyStore(name, server.port, { longestToken: '2h' });
      await eventually(() => expect(server.cli('zcard', '{entra-guard}:state')).toBe('1'));
      expect(short.revocations.longestToken).toBe(28 * HOUR);
      const { open } = await operator(server.port);
      const refused = await (await open()).setLongestToken('2h').catch((error: unknown) => error);
      expect(refused).toMatchObject({
        problem: expect.stringMatching(
          new RegExp(
            `stays 28h, because a process was started with more than 2h\\. .+ \\(process ${process.pid}, @entra-guard/redis 0\\.1\\): 28h\\.$`,
          ),
        ),
        hint: "Start them with longestToken: '2h' or less, and run the command again.",
      });
      expect((await open()).longestToken).toBe(28 * HOUR);
      await long.revocations.close();
      expect(await (await open()).setLongestToken('2h')).toEqual({ before: 28 * HOUR, now: 2 * HOUR });
      await eventually(() => expect(short.revocations.longestToken).toBe(2 * HOUR));
      expect((await open()).longestToken).toBe(2 * HOUR);
    });

    it.concurrent.each([
      [
        "can't be read here",
        '{"v":2,"what":"ever"}',
        "one of another release, whose answer can't be read here",
      ],
      ['is to another question', '{"v":1,"w":"a","to":"x","h":"b","p":1,"s":90000}', undefined],
    ])('counts an answer that %s as it has to', async (_, answer, refusal) => {
      const server = await usedServer();
      const { open } = await operator(server.port);
      const asked = (await open()).setLongestToken('2h').catch((error: Error) => error.message);
      await eventually(() =>
        expect(server.cli('xrange', '{entra-guard}:log', '-', '+')).toContain('question'),
      );
      server.cli('xadd', '{entra-guard}:log', '*', 'answer', answer);
      if (refusal === undefined) expect(await asked).toEqual({ before: 28 * HOUR, now: 2 * HOUR });
      else expect(await asked).toContain(refusal);
    });

    it.concurrent('does not hold against a process that starts meanwhile and needs more', async () => {
      const server = await usedServer();
      const { open } = await operator(server.port);
      const asked = (await open()).setLongestToken('2h').catch((error: Error) => error.message);
      await eventually(() =>
        expect(server.cli('xrange', '{entra-guard}:log', '-', '+')).toContain('question'),
      );
      // It starts after the question, and announces what it needs before or after that is lowered.
      await readyStore(name, server.port, { longestToken: '10h' });
      await asked;
      await eventually(async () => expect((await open()).longestToken).toBe(10 * HOUR));
    });

    it.concurrent('raises longestToken ahead of processes, and extends the cutoffs that are there', async () => {
      const server = await usedServer();
      const { open } = await operator(server.port);
      expect(await (await open()).setLongestToken('2h')).toEqual({ before: 28 * HOUR, now: 2 * HOUR });
      const operating = await open();
      const { record } = await operating.revoke(target(1), { because, issuedBefore: Date.now() });
      expect(await operating.setLongestToken('5h')).toEqual({ before: 2 * HOUR, now: 5 * HOUR });
      const [extended] = (await open()).list();
      expect((extended?.until ?? 0) - record.until).toBe(3 * HOUR * 1000);
    });

    it.concurrent('examines a server, and changes nothing', async () => {
      const server = await newServer('--maxmemory-policy', 'volatile-lru', '--save', '3600 1');
      const { client } = await operator(server.port);
      const good = {
        version: expect.stringMatching(/^\d+\.\d+/),
        policy: 'volatile-lru',
        appends: false,
        snapshots: true,
        diskFails: false,
        isReplica: false,
        replicas: { count: 0, offline: 0 },
        rights: { name: 'default', everything: true, cannotRead: [], cannotWrite: [], unknown: false },
        epoch: 'missing',
        records: undefined,
        stream: { length: 0, newest: undefined },
      };
      expect(await examineRedis(client)).toMatchObject(good);
      expect(server.cli('keys', '*')).toBe('');
      await beginRevocations(client);
      await (await operateRevocations(client)).revoke(target(1), { because });
      expect(await examineRedis(client)).toMatchObject({
        ...good,
        epoch: 'young',
        records: { count: 1, unreadable: 0, writers: [], longestToken: 28 * HOUR },
        stream: { length: 2, newest: expect.any(Number) },
      });
      server.cli('config', 'set', 'save', '');
      server.cli('replicaof', '127.0.0.1', '1');
      expect(await examineRedis(client)).toMatchObject({
        snapshots: false,
        isReplica: true,
        rights: { cannotRead: [], cannotWrite: [], unknown: true },
      });
    });

    it.concurrent('says of what a user may not ask that it is unknown', async () => {
      const server = await usedServer();
      server.cli('acl', 'setuser', 'blind', 'on', '>x', '~*', '-@all', '+hello', '+ping', '+client', '+get');
      const { client, close } = await connect(name, server.port, { username: 'blind', password: 'x' });
      closeLater(close);
      expect(await examineRedis(client)).toEqual({
        version: undefined,
        product: undefined,
        policy: undefined,
        appends: undefined,
        snapshots: undefined,
        diskFails: undefined,
        isReplica: undefined,
        replicas: undefined,
        rights: {
          name: undefined,
          everything: false,
          cannotRead: ['xread', 'xrange', 'xrevrange', 'zscan'],
          cannotWrite: ['set', 'zadd', 'xadd', 'zremrangebyscore'],
          unknown: false,
        },
        epoch: 'there',
        records: undefined,
        stream: undefined,
        feeds: undefined,
      });
    });

    it.concurrent('tells whether a leaver feed goes on', async () => {
      const server = await usedServer();
      const { client, close } = await connect(name, server.port);
      closeLater(close);
      expect((await examineRedis(client)).feeds).toEqual([]);
      const queue = redisQueue(client);
      const [led, left] = [queue.open('leavers:a'), queue.open('leavers:b')];
      expect(await led.lead('claim', 60_000)).toBe(true);
      expect(await left.lead('claim', 60_000)).toBe(true);
      await left.resign('claim');
      await left.put([
        { key: 'user', text: '' },
        { key: 'other', text: '' },
      ]);
      expect((await examineRedis(client)).feeds).toEqual([
        { name: 'leavers:a', isLed: true, waiting: 0, waitingMs: 0 },
        { name: 'leavers:b', isLed: false, waiting: 2, waitingMs: expect.any(Number) },
      ]);
    });

    it.concurrent('a process that did not hear the question raises the value again', async () => {
      const server = await usedServer();
      const { revocations } = await readyStore(name, server.port, { longestToken: '28h' });
      await eventually(() => expect(server.cli('zcard', '{entra-guard}:state')).toBe('1'));
      const [text = ''] = server.cli('zrange', '{entra-guard}:state', '0', '-1').split('\n');
      const { id } = JSON.parse(text) as { readonly id: string };
      const lift = JSON.stringify({ v: 1, w: 'test', id, o: '-', b: because, at: Date.now() });
      server.cli('zadd', '{entra-guard}:state', '+inf', lift);
      server.cli('xadd', '{entra-guard}:log', '*', 'entry', lift, 'until', '+inf');
      const { open } = await operator(server.port);
      await eventually(async () => expect((await open()).longestToken).toBe(28 * HOUR));
      await eventually(() => expect(server.cli('zcard', '{entra-guard}:state')).toBe('3'));
      expect(revocations.longestToken).toBe(28 * HOUR);
    });
  },
);

describe.skipIf(whyNot !== undefined)(`a server that evicts${skipped}`, { timeout: 60_000 }, () => {
  it.concurrent.each(['allkeys-lru', 'allkeys-random'])(
    'makes the store degraded and is told once: %s',
    async (policy) => {
      const server = await usedServer('--maxmemory-policy', policy);
      const { revocations, entries } = await readyStore('redis 6', server.port);
      await eventually(() =>
        expect(revocations.health()).toMatchObject({
          status: 'degraded',
          message: expect.stringContaining(`maxmemory-policy is ${policy}. Set maxmemory-policy noeviction.`),
        }),
      );
      expect(entries.filter(({ message }) => message.includes(policy))).toEqual([
        expect.objectContaining({ level: 'error', hint: 'Set maxmemory-policy noeviction.' }),
      ]);
    },
  );

  it.concurrent('claims nothing where INFO is refused', async () => {
    const server = await usedServer('--maxmemory-policy', 'allkeys-lru');
    server.cli('acl', 'setuser', 'blind', 'on', '>x', '~*', '+@all', '-info');
    const login = { username: 'blind', password: 'x' };
    const { revocations } = await startStore('redis 6', server.port, { login });
    await revocations.ready();
    await eventually(() => expect(server.cli('acl', 'log')).toContain('info'));
    await eventually(() => expect(revocations.health()).toMatchObject({ status: 'up' }));
  });
});
