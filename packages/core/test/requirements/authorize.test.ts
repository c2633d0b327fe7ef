import { describe, expect, it, vi } from 'vitest';
import { API, NOW } from '../../../../test/support/forger.js';
import { TokenAuthContext } from '../../src/caller/token-auth-context.js';
import {
  type AuthContext,
  allOf,
  anonymous,
  anyOf,
  appPermissions,
  authContext,
  authorize,
  CheckFailedError,
  type CheckFunction,
  check,
  PermissionError,
  requirementFromJSON,
  StepUpError,
  scopes,
  signedInWithin,
  userRoles,
} from '../../src/index.js';
import { daemon, user } from '../callers.js';
import { refusalOf } from '../refusals.js';

const read = scopes('Orders.Read');
const mine = (test: CheckFunction) => allOf(read, check('owns order', test));
const answering = (answer: unknown) => mine(() => answer as boolean);

/** The same caller as if from a validator of the API above. */
function accepted(auth: AuthContext): AuthContext {
  const authorizationUri = 'https://login.microsoftonline.com/common/oauth2/authorize';
  const facts = { applicationIdUri: `api://${API}`, authorizationUri, realm: '' };
  const { kind, clientId, scopes, roles, tenantId, claims } = auth;
  return new TokenAuthContext({ ...claims }, { kind, clientId, scopes, roles }, tenantId, facts);
}

describe('a check grants only with true itself', () => {
  it.each<[string, unknown]>([
    ['true', true],
    ['a promise of true', Promise.resolve(true)],
  ])('%s grants', async (_, answer) => {
    await expect(authorize(answering(answer), user())).resolves.toBeUndefined();
  });

  it.each<[string, unknown]>([
    ['false', false],
    ['1', 1],
    ["'yes'", 'yes'],
    ["'true'", 'true'],
    ['an object', { granted: true }],
    ['an empty list', []],
    ['a boxed true', Object(true)],
    ['nothing', undefined],
    ['null', null],
    ['a promise of 1', Promise.resolve(1)],
    ['a promise of nothing', Promise.resolve()],
    ['a function', () => true],
  ])('%s refuses', async (_, answer) => {
    const error = await refusalOf(authorize(answering(answer), user()));
    expect(error).toMatchObject({ name: 'PermissionError', code: 'check_refused', status: 403 });
    expect(error.message).toContain("check 'owns order'");
  });

  it.each<[string, CheckFunction]>([
    [
      'throws',
      () => {
        throw new TypeError('no such order');
      },
    ],
    ['rejects', () => Promise.reject(new TypeError('no such order'))],
  ])('an application whose check %s has failed, and no caller is let in', async (_, test) => {
    const error = await refusalOf(authorize(mine(test), user()));
    expect(CheckFailedError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'check_failed', status: 500, cause: new TypeError('no such order') });
    expect(error.message).not.toContain('no such order');
  });

  it('even when it throws nothing at all', async () => {
    const error = await refusalOf(
      authorize(
        mine(() => Promise.reject()),
        user(),
      ),
    );
    expect(error).toMatchObject({ code: 'check_failed', status: 500 });
  });
});

describe('a check is asked', () => {
  it('last, when everything else holds', async () => {
    const test = vi.fn(() => true);
    await refusalOf(authorize(mine(test), user({ scp: 'Profile.Read' })));
    await refusalOf(authorize(allOf(read, userRoles('Admin'), check('owns order', test)), user()));
    await refusalOf(authorize(allOf(read, check('owns order', test), authContext('c1')), user()));
    await refusalOf(authorize(allOf(read, check('owns order', test)), daemon()));
    expect(test).not.toHaveBeenCalled();
  });

  it('not at all where another branch grants', async () => {
    const test = vi.fn(() => true);
    await authorize(anyOf(mine(test), userRoles('Admin')), user({ roles: ['Admin'] }));
    expect(test).not.toHaveBeenCalled();
  });

  it('once, in however many branches it stands', async () => {
    const test = vi.fn(() => false);
    const owns = check('owns order', test);
    const either = anyOf(
      allOf(read, owns),
      allOf(userRoles('Admin'), owns),
      allOf(userRoles('Auditor'), owns),
    );
    await refusalOf(authorize(either, user({ roles: ['Admin', 'Auditor'] })));
    expect(test).toHaveBeenCalledTimes(1);
  });

  it('anew for each request', async () => {
    const test = vi.fn(() => true);
    const requirement = mine(test);
    await authorize(requirement, user());
    await authorize(requirement, user());
    expect(test).toHaveBeenCalledTimes(2);
  });

  it('after the one before it has answered, and not after one that refused', async () => {
    const asked: string[] = [];
    const ask = (name: string, answer: boolean) =>
      check(name, async () => {
        asked.push(`${name}?`);
        await Promise.resolve();
        asked.push(`${name}.`);
        return answer;
      });
    await refusalOf(authorize(allOf(read, ask('a', true), ask('b', false), ask('c', true)), user()));
    expect(asked).toEqual(['a?', 'a.', 'b?', 'b.']);
  });

  it('and the next branch after a branch that it refused', async () => {
    const either = anyOf(
      mine(() => false),
      allOf(
        userRoles('Admin'),
        check('is awake', () => true),
      ),
    );
    await expect(authorize(either, user({ roles: ['Admin'] }))).resolves.toBeUndefined();
  });

  it('with the caller, the request and the host’s providers', async () => {
    const auth = user();
    const request = { params: { id: '7' } };
    const orders = { ownerOf: (id: string) => (id === '7' ? auth.objectId : undefined) };
    const owns = mine(async (context) => {
      const found = await context.resolve<typeof orders>('Orders');
      const { params } = context.request as typeof request;
      return context.auth === auth && found.ownerOf(params.id) === context.auth.objectId;
    });
    const resolve = vi.fn(async () => orders);
    await expect(authorize(owns, auth, { request, resolve })).resolves.toBeUndefined();
    expect(resolve).toHaveBeenCalledExactlyOnceWith('Orders');
  });

  it('and fails where it wants a provider and the host has none', async () => {
    const error = await refusalOf(
      authorize(
        mine(async ({ resolve }) => (await resolve('Orders')) === 1),
        user(),
      ),
    );
    expect(error).toMatchObject({
      status: 500,
      cause: { message: expect.stringContaining('this host has none') },
    });
  });

  it('when the requirement was read from JSON', async () => {
    const json: unknown = JSON.parse(JSON.stringify(answering(false)));
    const granted = requirementFromJSON(json, { checks: { 'owns order': () => true } });
    await expect(authorize(granted, user())).resolves.toBeUndefined();
  });
});

describe('a check that hides what it protects', () => {
  const hidden = (answer: boolean) =>
    allOf(
      read,
      check('owns order', () => answer, { otherwise: 'not-found' }),
    );

  it('refuses as if there were nothing', async () => {
    const error = await refusalOf(authorize(hidden(false), user()));
    expect(error).toMatchObject({ name: 'PermissionError', code: 'check_refused', status: 404 });
  });

  it('hides nothing from a caller who lacks the scope anyway', async () => {
    const error = await refusalOf(authorize(hidden(false), user({ scp: 'Profile.Read' })));
    expect(error).toMatchObject({ code: 'scope_missing', status: 403 });
  });

  it('grants as any other', async () => {
    await expect(authorize(hidden(true), user())).resolves.toBeUndefined();
  });
});

describe('what authorize() throws', () => {
  it.each<[unknown, string]>([
    [check('owns order', () => true), 'only narrows'],
    ['Orders.Read', 'instead of a requirement'],
    [undefined, 'instead of a requirement'],
  ])('the application’s own error for %s', async (instead, keyWords) => {
    const error = await refusalOf(authorize(instead as typeof read, user()));
    expect(error).toMatchObject({
      code: 'configuration_invalid',
      message: expect.stringContaining(keyWords),
    });
  });

  it('nothing for anonymous()', async () => {
    await expect(authorize(anonymous(), daemon({ roles: undefined }))).resolves.toBeUndefined();
  });

  it('names what is missing, what is required, and scopes by the name that clients ask for', async () => {
    const requirement = anyOf(scopes('Orders.Write', 'Orders.Read'), appPermissions('Orders.Write.All'));
    const error = await refusalOf(authorize(requirement, accepted(user())));
    expect(PermissionError.is(error)).toBe(true);
    expect(StepUpError.is(error)).toBe(false);
    expect(error).toMatchObject({
      code: 'scope_missing',
      status: 403,
      message: `The caller lacks scope Orders.Write; required: ${requirement}.`,
      requirement: "anyOf(appPermissions('Orders.Write.All'), scopes('Orders.Read', 'Orders.Write'))",
      enough: { scopes: [`api://${API}/Orders.Read`, `api://${API}/Orders.Write`] },
    });
    expect(error.hint).toContain('Expose an API');
  });

  it('scopes by their short names, where no validator made the caller', async () => {
    const error = await refusalOf(authorize(scopes('Orders.Write'), user()));
    expect(error).toMatchObject({ enough: { scopes: ['Orders.Write'] } });
  });

  it("Entra's claims challenge, where only an authentication context is missing", async () => {
    const error = await refusalOf(authorize(allOf(read, authContext('c1')), accepted(user())));
    expect(error).toMatchObject({
      name: 'StepUpError',
      code: 'step_up_required',
      status: 401,
      stepUp: {
        kind: 'claims',
        claims: '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}',
        authorizationUri: 'https://login.microsoftonline.com/common/oauth2/authorize',
        realm: '',
      },
    });
    expect(PermissionError.is(error)).toBe(true);
  });

  it.each<[string, AuthContext]>([
    ['a client that cannot answer one', accepted(user({ xms_cc: [] }))],
    ['a caller of unknown authority', user()],
    ['an app without a user', accepted(daemon())],
  ])('no challenge to %s', async (_, auth) => {
    const requirement =
      auth.kind === 'user'
        ? allOf(read, authContext('c1'))
        : allOf(anyOf(read, appPermissions('Orders.Read.All')), authContext('c1'));
    const error = await refusalOf(authorize(requirement, auth));
    expect(error).toMatchObject({ name: 'PermissionError', code: 'step_up_required', status: 403 });
  });

  it('the age that a sign-in may have, by the clock it is given', async () => {
    const auth = user({ auth_time: NOW / 1000 - 901 });
    const recently = allOf(read, signedInWithin('15m'));
    const error = await refusalOf(authorize(recently, auth, { now: NOW }));
    expect(error).toMatchObject({
      name: 'StepUpError',
      status: 401,
      stepUp: { kind: 'sign-in', maxAgeSeconds: 900 },
    });
    await expect(authorize(recently, auth, { now: NOW - 1000 })).resolves.toBeUndefined();
  });
});
