import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createValidator } from '@entra-guard/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Accounts } from '../src/directory/accounts.js';
import { Apps } from '../src/directory/apps.js';
import { Changes } from '../src/directory/changes.js';
import { Consents } from '../src/directory/consents.js';
import { type GroupMembers, Groups } from '../src/directory/groups.js';
import { People, type UserFacts } from '../src/directory/people.js';
import { type AppRegistrations, type StartEntraOptions, startEntra } from '../src/index.js';
import { originInState } from '../src/local/index.js';
import { type Directory, keptKinds, restore, snapshotOf } from '../src/state/kept-directory.js';
import { digestsOf, mergeSnapshots } from '../src/state/merge-snapshots.js';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'entra-guard-state-'));
  file = join(folder, 'entra.state.json');
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const start = async (options: StartEntraOptions = {}) => startEntra({ ...options, state: file });
const refused = async (message: string) => {
  await expect(start()).rejects.toThrow(expect.objectContaining({ code: 'state_refused' }));
  await expect(start()).rejects.toThrow(message);
};

describe('the state of a local Entra', { timeout: 60_000 }, () => {
  it('keeps the signing keys, so that a token outlives a restart', async () => {
    const first = await start();
    await first.rotateKeys();
    const { token } = first.user('ada');
    const { keys } = first;
    await first.close();
    const second = await start();
    expect(second.keys).toEqual(keys);
    const validator = createValidator({ ...second.options(), log: false });
    expect((await validator.validate(token)).objectId).toBe(second.objectIdOf('ada'));
    await validator.close();
    await second.close();
  });

  it('keeps what was done to accounts', async () => {
    const app = { redirect_uri: 'http://localhost:3000/', client_id: 'spa' };
    const signIn = async (entra: Awaited<ReturnType<typeof start>>, user: string) => {
      const query = new URLSearchParams({ ...app, response_type: 'code', scope: 'openid', login_hint: user });
      const answer = await entra.fetch(`${entra.origin}/${entra.tenantId}/oauth2/v2.0/authorize?${query}`);
      return answer.headers.get('location') ?? (await answer.text());
    };
    const first = await start({ users: { ada: {}, bob: {} } });
    first.disable('bob');
    await first.close();
    const second = await start({ users: { ada: {}, bob: {} } });
    expect(await signIn(second, 'ada')).toContain('code=');
    expect(await signIn(second, 'bob')).toContain('50057');
    await second.close();
  });

  it('is written at the start, after a request that changed something, and at the end', async () => {
    const entra = await start();
    const written = () => readFileSync(file, 'utf8');
    const before = written();
    entra.disable('ada');
    await entra.fetch(`${entra.origin}/common/discovery/v2.0/keys`);
    const changed = written();
    expect(changed).not.toBe(before);
    entra.enable('ada');
    await entra.close();
    expect(written()).not.toBe(changed);
  });

  it('is a file that only its owner may read, and leaves no other file', async () => {
    const entra = await start();
    await entra.rotateKeys();
    await entra.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['entra.state.json']);
  });

  it('says where the local Entra is', async () => {
    expect(originInState(file)).toBeUndefined();
    const entra = await start({ port: 0 });
    expect(originInState(file)).toBe(entra.origin);
    await entra.close();
  });

  it('does not start with a state that it can not write', async () => {
    const nowhere = join(folder, 'nowhere', 'entra.state.json');
    await expect(startEntra({ port: 0, state: nowhere })).rejects.toThrow(
      `${nowhere} could not be written (ENOENT). Name a file in a folder that exists`,
    );
    await expect(startEntra({ state: '' })).rejects.toThrow('state is not the path of a file.');
  });
});

describe('a state is refused', { timeout: 60_000 }, () => {
  let written: string | undefined;
  beforeEach(async () => {
    if (written === undefined) {
      await (await start()).close();
      written = readFileSync(file, 'utf8');
    } else {
      writeFileSync(file, written, { mode: 0o600 });
    }
  }, 60_000);

  const change = (change: (state: Record<string, unknown>) => void) => {
    const state = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    change(state);
    writeFileSync(file, JSON.stringify(state));
  };

  it.each([0o640, 0o604, 0o620, 0o666])(
    'with mode %o, because others may read or write the keys',
    async (mode) => {
      chmodSync(file, mode);
      await refused(`(mode 0${mode.toString(8)}). Only its owner may: chmod 600 ${file}.`);
      chmodSync(file, 0o600);
      await (await start()).close();
    },
  );

  it('of another version, and stays as it is', async () => {
    change((state) => {
      state.version = 2;
    });
    const before = readFileSync(file, 'utf8');
    await refused('has version 2 of the state, and this local Entra reads version 1.');
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  it('that is another file, and stays as it is', async () => {
    for (const text of ['', 'hello', '{}', '[]', '{ "name": "orders" }']) {
      writeFileSync(file, text);
      await refused('is not the state of a local Entra. Name another file; this one stays as it is.');
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
  });

  it('that is damaged, without a word of its keys', async () => {
    change((state) => {
      state.directory = {};
    });
    await refused('is damaged: directory has no "users"');
    change((state) => {
      state.keys = ['-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----'];
      state.directory = { users: {}, apps: {}, accounts: {}, groups: {}, consents: {} };
    });
    await refused("is damaged: its keys can't be read.");
    await expect(start()).rejects.not.toThrow('c2VjcmV0');
  });

  it('that is a symbolic link or a folder', async () => {
    const link = join(folder, 'link.json');
    symlinkSync(file, link);
    await expect(startEntra({ state: link })).rejects.toThrow(`${link} is a symbolic link.`);
    const directory = join(folder, 'directory');
    mkdirSync(directory, { mode: 0o700 });
    await expect(startEntra({ state: directory })).rejects.toThrow(`${directory} is not a file.`);
  });
});

describe('a directory', () => {
  const tenant = { id: '00001111-aaaa-2222-bbbb-3333cccc4444', domain: 'contoso.example' };

  function directoryOf(
    users: UserFacts = {},
    groups: GroupMembers = {},
    apps: AppRegistrations = {},
  ): Directory {
    const people = new People(users);
    return {
      people,
      apps: new Apps(apps),
      accounts: new Accounts(() => 1_790_000_000_000, new Changes()),
      groups: new Groups(groups, (user) => people.named(user, tenant).oid),
      consents: new Consents(),
    };
  }

  const idOf = (directory: Directory, user: string) => directory.people.named(user, tenant).oid;

  /** Starts again: what was kept meets what is configured now. */
  function restarted(directory: Directory, before: Directory, now: Directory): Directory {
    const kept = JSON.parse(JSON.stringify(snapshotOf(directory))) as ReturnType<typeof snapshotOf>;
    restore(now, mergeSnapshots(snapshotOf(now), digestsOf(snapshotOf(before)), kept));
    return now;
  }

  it('is the same after a restart, whatever was changed', () => {
    const registrations = { orders: { scopes: ['Orders.Read'] }, web: { secret: 'Zq3~local' } };
    const configured = () =>
      directoryOf({ ada: { admin: true }, bob: {} }, { staff: ['ada'], old: ['bob'] }, registrations);
    const directory = configured();
    const { people, accounts, groups, consents, apps } = directory;
    people.tell('bob', { displayName: 'Bob Babbage' });
    people.tell('eve', { displayName: 'Eve' });
    people.describe('eve', { jobTitle: 'Auditor', mail: null });
    apps.update(apps.client('orders'), { scopes: ['Orders.Read', 'Orders.Write'], assignmentRequired: true });
    people.forget('ada');
    accounts.disable({ ...people.named('bob', tenant) });
    accounts.revokeSessions(people.named('eve', tenant));
    groups.remove(groups.find('old')?.id ?? '');
    groups.find('staff')?.members.add(idOf(directory, 'eve'));
    groups.add({ id: tenant.id, displayName: 'new', securityEnabled: false, members: new Set() });
    const all = { clientId: tenant.id, resourceId: tenant.id, principalId: undefined };
    consents.grant(all, ['Orders.Read']);
    const own = consents.grant({ ...all, principalId: idOf(directory, 'bob') }, ['Orders.Write']);
    const again = restarted(directory, configured(), configured());
    expect(snapshotOf(again)).toEqual(snapshotOf(directory));
    expect(again.people.told.toSorted()).toEqual(['bob', 'eve']);
    expect(again.people.profileOf('eve')).toEqual({ jobTitle: 'Auditor', mail: null });
    expect(again.apps.api('orders').registration.scopes).toEqual(['Orders.Read', 'Orders.Write']);
    expect(again.apps.told.map(({ name }) => name)).toEqual(['orders', 'web']);
    expect(
      again.groups
        .list()
        .map(({ displayName }) => displayName)
        .toSorted(),
    ).toEqual(['new', 'staff']);
    expect(again.groups.find('new')?.securityEnabled).toBe(false);
    expect(again.groups.directOf(idOf(again, 'eve')).map(({ displayName }) => displayName)).toEqual([
      'staff',
    ]);
    expect(again.consents.scopesFor({ ...all, principalId: idOf(again, 'bob') })).toEqual(
      new Set(['Orders.Read', 'Orders.Write']),
    );
    expect(again.consents.revoke(own.id)).toBe(true);
    expect(() => again.accounts.assertMaySignIn(again.people.named('bob', tenant))).toThrow('is disabled');
    expect(() =>
      again.accounts.assertMaySignIn(again.people.named('eve', tenant), 1_789_999_999_999),
    ).toThrow('sign in again');
  });

  it('follows the configuration where that has changed since', () => {
    const before = () => directoryOf({ ada: {}, bob: {}, cleo: {} });
    const directory = before();
    directory.people.tell('ada', { displayName: 'Changed at run time' });
    directory.people.tell('bob', { displayName: 'Changed at run time' });
    directory.people.tell('eve', {});
    const now = directoryOf({ ada: {}, bob: { displayName: 'Changed in the file' }, dora: {} });
    const { people } = restarted(directory, before(), now);
    expect(people.told.toSorted()).toEqual(['ada', 'bob', 'dora', 'eve']);
    expect(people.factOf('ada')).toEqual({ displayName: 'Changed at run time' });
    expect(people.factOf('bob')).toEqual({ displayName: 'Changed in the file' });
  });

  it('does not bring back what was removed at run time, as long as the configuration stays', () => {
    const before = () => directoryOf({ ada: {} });
    const directory = before();
    directory.people.forget('ada');
    expect(restarted(directory, before(), before()).people.told).toEqual([]);
    expect(restarted(directory, before(), directoryOf({ ada: { admin: true } })).people.told).toEqual([
      'ada',
    ]);
  });

  it('keeps names such as __proto__ as names', () => {
    const directory = directoryOf();
    directory.people.tell('__proto__', { admin: true });
    const again = restarted(directory, directoryOf(), directoryOf());
    expect(again.people.told).toEqual(['__proto__']);
    expect(Object.keys(keptKinds.users.read(again))).toEqual(['__proto__']);
    expect({}).not.toHaveProperty('admin');
  });
});
