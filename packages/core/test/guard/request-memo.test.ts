import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { ADA, forged, signed, userClaims } from '../../../../test/support/forger.js';
import type { Guard } from '../../src/guard/guard-contract.js';
import {
  AuthContext,
  anonymous,
  bringsTokenOf,
  createGuard,
  createValidator,
  type RequestLike,
  scopes,
} from '../../src/index.js';
import { createMigrationGuard } from '../../src/migration.js';
import { standInGuard, testAuth } from '../../src/testing/index.js';
import type { Validator } from '../../src/token/validator-contract.js';
import { refusalOf } from '../refusals.js';

const BOB = 'bbbbbbbb-0000-1111-2222-bbbbbbbbbbbb';
const read = scopes('Orders.Read');
const ada = signed(userClaims());
const bob = signed(userClaims({ oid: BOB, sub: 'FAKE-pairwise-sub-of-bob', uti: 'FAKEuti-of-bob' }));

type Pooled = RequestLike & { readonly headers: Record<string, string | undefined> };
const bearing = (token: string): Pooled => ({ headers: { authorization: `Bearer ${token}` }, method: 'GET' });

/** Ada's token with one character of a part changed, in its middle. */
function altered(part: 0 | 1 | 2): string {
  const parts = ada.split('.');
  const text = parts[part] as string;
  const at = text.length >> 1;
  parts[part] = `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  return parts.join('.');
}

// A validator of another maker logs to the console.
beforeEach(() => void vi.spyOn(console, 'warn').mockImplementation(() => {}));
afterEach(() => void vi.restoreAllMocks());

/** As hosts make them: the core's own validator, one around it, one that makes contexts in its own way. */
const guards: readonly [string, () => Guard][] = [
  ['a validator of the core', () => createGuard(contoso())],
  ['no memory of tokens', () => createGuard(contoso({ cache: false }))],
  [
    'a validator around it',
    () => {
      const own = createValidator(contoso());
      const validate = own.validate.bind(own);
      return createGuard({ validator: Object.assign(own, { validate }) });
    },
  ],
  [
    'a validator that gives contexts which say nothing of a token',
    () => {
      const own = createValidator(contoso());
      const validate = async (token: string) => {
        const { objectId, tenantId, clientId } = await own.validate(token);
        return testAuth({
          kind: 'user',
          scopes: ['Orders.Read'],
          objectId: objectId ?? null,
          tenantId,
          clientId,
        });
      };
      return createGuard({ validator: { ...own, validate } as Validator });
    },
  ],
];

describe.each(guards)('whom a guard with %s has authenticated for a request', (_, make) => {
  it.each([1, 2, 4])('is there while the credential is, after %i uses of the token', async (uses) => {
    const guard = make();
    for (let use = 0; use < uses; use++) {
      const request = bearing(ada);
      expect((await guard.authenticate(request)).objectId).toBe(ADA);
      expect(guard.authOf(request)?.objectId).toBe(ADA);
      expect(await guard.require(request, read)).toBe(guard.authOf(request));
    }
  });

  it.each<[string, (headers: Pooled['headers']) => void, string]>([
    ['is taken away', (headers) => delete headers.authorization, 'credentials_missing'],
    ['is unset', (headers) => Object.assign(headers, { authorization: undefined }), 'credentials_missing'],
    [
      'is of another scheme',
      (headers) => Object.assign(headers, { authorization: 'Basic YTpi' }),
      'credentials_missing',
    ],
    ['is broken', (headers) => Object.assign(headers, { authorization: 'Bearer' }), 'credentials_malformed'],
    ...([0, 1, 2] as const).map((part): [string, (headers: Pooled['headers']) => void, string] => [
      `has part ${part} of the token altered`,
      (headers) => Object.assign(headers, { authorization: `Bearer ${altered(part)}` }),
      'token_malformed signature_invalid signing_key_not_found algorithm_not_allowed',
    ]),
    [
      'is a forged token',
      (headers) => Object.assign(headers, { authorization: `Bearer ${forged(userClaims({ oid: BOB }))}` }),
      'signature_invalid',
    ],
  ])('is not the caller any more once the header %s', async (_case, change, codes) => {
    const guard = make();
    for (let use = 0; use < 3; use++) {
      const request = bearing(ada);
      await guard.authenticate(request);
      change(request.headers);
      expect(guard.authOf(request)).toBeUndefined();
      await guard.authenticate(bearing(ada));
      const again = bearing(ada);
      await guard.require(again, read);
      change(again.headers);
      const error = await refusalOf(guard.require(again, read));
      expect(codes.split(' ')).toContain(error.code);
      expect(codes.split(' ')).toContain((await refusalOf(guard.authenticate(again))).code);
      expect(guard.authOf(again)).toBeUndefined();
      expect(guard.authOf(request)).toBeUndefined();
    }
  });

  it('is whom the object’s next request is of', async () => {
    const guard = make();
    const request = bearing(ada);
    for (let use = 0; use < 6; use++) {
      const [token, oid] = use % 2 === 0 ? [ada, ADA] : [bob, BOB];
      request.headers.authorization = `Bearer ${token}`;
      const stranger = guard.authOf(request);
      expect(stranger === undefined || stranger.objectId === oid).toBe(true);
      expect((await guard.require(request, read)).objectId).toBe(oid);
      expect(guard.authOf(request)?.objectId).toBe(oid);
    }
    delete request.headers.authorization;
    expect(await guard.require(request, anonymous())).toBeUndefined();
    expect(guard.authOf(request)).toBeUndefined();
    expect(await guard.authenticate(request, { optional: true })).toBeUndefined();
  });

  it('is not the one whose token was there when a slow answer came', async () => {
    const guard = make();
    const request = bearing(ada);
    const slow = guard.authenticate(request);
    request.headers.authorization = `Bearer ${bob}`;
    expect((await slow).objectId).toBe(ADA);
    expect(guard.authOf(request)).toBeUndefined();
    expect((await guard.require(request, read)).objectId).toBe(BOB);
  });
});

it('a token is the same however its header is written', async () => {
  const guard = createGuard(contoso({ cache: false }));
  const request = bearing(ada);
  const auth = await guard.authenticate(request);
  request.headers.authorization = `bearer   ${ada}`;
  expect(guard.authOf(request)).toBe(auth);
  expect(await guard.require(request, read)).toBe(auth);
});

describe('a token in a body', () => {
  const guard = createMigrationGuard(contoso(), { readBodyTokens: true });
  const posting = (token: string) => ({ headers: {}, method: 'POST', body: { access_token: token } });

  it('is the credential that was read', async () => {
    const request = posting(ada);
    await guard.authenticate(request);
    expect(guard.authOf(request)?.objectId).toBe(ADA);
    request.body = { access_token: bob };
    expect(guard.authOf(request)).toBeUndefined();
    expect((await guard.require(request, read)).objectId).toBe(BOB);
    request.body = { access_token: '' };
    expect((await refusalOf(guard.require(request, read))).code).toBe('credentials_missing');
    expect(guard.authOf(request)).toBeUndefined();
  });

  it('next to one in the header is refused, though the first was accepted', async () => {
    const request = { ...posting(ada), headers: {} as Record<string, string> };
    await guard.authenticate(request);
    request.headers.authorization = `Bearer ${ada}`;
    expect((await refusalOf(guard.require(request, read))).code).toBe('credentials_malformed');
  });
});

describe('what an adapter remembers by the request', () => {
  it('is true while the header has the token of the caller', async () => {
    const auth = await createValidator(contoso()).validate(ada);
    const request = bearing(ada);
    expect(bringsTokenOf(request, auth)).toBe(true);
    request.headers.authorization = `bearer  ${ada}`;
    expect(bringsTokenOf(request, auth)).toBe(true);
    for (const value of [`Bearer ${bob}`, `bearer  ${bob}`, 'Bearer', undefined]) {
      request.headers.authorization = value;
      expect(bringsTokenOf(request, auth)).toBe(false);
    }
  });

  it('is true of a caller who came without a token, or of another maker’s', () => {
    const own = Reflect.construct(AuthContext as unknown as new () => object, [], class extends Object {});
    for (const auth of [testAuth({ kind: 'user', scopes: ['Orders.Read'] }), own as AuthContext]) {
      expect(bringsTokenOf({ headers: {} }, auth)).toBe(true);
    }
  });
});

it('a stand-in’s caller belongs to the request, whatever its header says', async () => {
  const caller = vi.fn(() => testAuth({ kind: 'user', scopes: ['Orders.Read'] }));
  const guard = standInGuard(caller, { log: false });
  const request = bearing('anything');
  const auth = await guard.require(request, read);
  request.headers.authorization = 'Bearer other';
  expect(guard.authOf(request)).toBe(auth);
  expect(await guard.require(request, read)).toBe(auth);
  expect(caller).toHaveBeenCalledTimes(1);
});
