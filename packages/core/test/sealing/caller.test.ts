import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { contoso } from '../../../../test/support/contoso.js';
import { NOW, signed, userClaims } from '../../../../test/support/forger.js';
import {
  AuthContext,
  allOf,
  anyOf,
  appPermissions,
  authContext,
  authorize,
  createValidator,
  type Duration,
  evaluate,
  keyRing,
  openCaller,
  type SealCallerOptions,
  SealedCallerError,
  StepUpError,
  scopes,
  sealCaller,
  userRoles,
} from '../../src/index.js';
import { SEALING, type Sealing } from '../../src/sealing/key-ring.js';
import { daemon, user } from '../callers.js';
import { configurationSentence, refusalOf } from '../refusals.js';

const first = { id: 'k1', secret: randomBytes(32) };
const second = { id: 'k2', secret: randomBytes(32) };
const ring = keyRing([first]);
const ada = user({ roles: ['Orders.Admin'], groups: ['g1'], acrs: ['c1'], acct: 1, extra: { deep: [1] } });
const atNow = { now: NOW };
const sealFor = (validFor: Duration) => sealCaller(ada, ring, { validFor, now: NOW });
const seal = (auth: AuthContext) => sealCaller(auth, ring, { validFor: '15m', now: NOW });

/** What opening fails with. */
function fault(open: () => unknown): SealedCallerError {
  try {
    open();
  } catch (error) {
    if (SealedCallerError.is(error)) return error;
    throw error;
  }
  throw new Error('It was opened.');
}

const invalid = { name: 'SealedCallerError', code: 'sealed_caller_invalid', status: 403 };
const unreadable = { ...invalid, code: 'sealed_caller_unreadable' };
const expired = { ...invalid, code: 'sealed_caller_expired' };

describe('a caller that was sealed and opened', () => {
  it.each<[string, AuthContext]>([
    ['a user', ada],
    [
      'a guest of whom little is known',
      user({ oid: undefined, groups: undefined, hasgroups: true, uti: undefined }),
    ],
    ['an agent', user({ xms_act_fct: '11', xms_par_app_azp: '11111111-2222-4333-8444-555555555555' })],
    ['an app', daemon()],
    [
      'a user with claims of odd names',
      user({ ...JSON.parse('{"__proto__":{"scp":"Admin"}}'), toJSON: 'x' }),
    ],
  ])('is the caller: %s', (_, auth) => {
    const opened = openCaller(seal(auth), ring, atNow);
    expect(opened).not.toBe(auth);
    expect(AuthContext.is(opened)).toBe(true);
    expect(JSON.parse(JSON.stringify(opened))).toEqual(JSON.parse(JSON.stringify(auth)));
    for (const member of [
      'kind',
      'subjectKey',
      'scopes',
      'roles',
      'groups',
      'agent',
      'guest',
      'expiresAt',
    ] as const) {
      expect(opened[member]).toEqual(auth[member]);
    }
    expect(Object.isFrozen(opened) && Object.isFrozen(opened.claims)).toBe(true);
    expect(Reflect.ownKeys(opened.claims)).toEqual(Reflect.ownKeys(auth.claims));
  });

  it('is judged as the caller is', async () => {
    const requirement = allOf(scopes('Orders.Read'), userRoles('Orders.Admin'), authContext('c1'));
    const opened = openCaller(seal(ada), ring, atNow);
    await expect(authorize(requirement, opened)).resolves.toBeUndefined();
    expect(evaluate(requirement, opened)).toEqual({ granted: true });
    expect(evaluate(anyOf(scopes('Admin'), appPermissions('Orders.Read')), opened).granted).toBe(false);
  });

  it('names its authority in challenges, and the full names of scopes', async () => {
    const auth = await createValidator(contoso()).validate(signed(userClaims()));
    const opened = openCaller(seal(auth), ring, atNow);
    for (const requirement of [allOf(scopes('Orders.Read'), authContext('c2')), scopes('Orders.Write')]) {
      const [asked, sealed] = [
        await refusalOf(authorize(requirement, auth)),
        await refusalOf(authorize(requirement, opened)),
      ];
      expect(sealed).toEqual(asked);
      expect(StepUpError.is(sealed)).toBe(StepUpError.is(asked));
    }
  });

  it('never holds the token, and says nothing to who reads the queue', async () => {
    const token = signed(userClaims());
    const auth = await createValidator(contoso()).validate(token);
    const text = seal(auth);
    const inside = (ring as unknown as { readonly [SEALING]: Sealing })[SEALING].open(
      'entra-guard-caller',
      text,
    );
    expect(inside.state).toBe('opened');
    for (const part of token.split('.')) expect(JSON.stringify(inside)).not.toContain(part);
    const bytes = Buffer.from(text.slice(text.lastIndexOf('.')), 'base64url').toString('latin1');
    // Long enough not to be there by chance.
    for (const secret of [auth.objectId, auth.tenantId, 'Orders.Read', 'subjectKey']) {
      expect(text).not.toContain(secret);
      expect(bytes).not.toContain(secret);
    }
  });

  it('is another text each time', () => {
    expect(new Set(Array.from({ length: 100 }, () => seal(ada))).size).toBe(100);
  });
});

describe('a sealed caller lasts', () => {
  it.each<[Duration, number]>([
    [1, 1],
    [90, 90],
    ['90s', 90],
    ['15m', 900],
    ['8h', 28_800],
    ['7d', 604_800],
    [604_800, 604_800],
  ])('for %s', (validFor, seconds) => {
    const text = sealFor(validFor);
    const end = NOW + seconds * 1000;
    expect(openCaller(text, ring, { now: end - 1 }).subjectKey).toBe(ada.subjectKey);
    expect(openCaller(text, ring, { now: () => end - 1 }).subjectKey).toBe(ada.subjectKey);
    expect(openCaller(text, ring, { now: new Date(end - 1) }).subjectKey).toBe(ada.subjectKey);
    const error = fault(() => openCaller(text, ring, { now: end }));
    expect(error).toMatchObject(expired);
    expect(error.message).toContain(new Date(end).toISOString());
  });

  it('beyond the token that it was made of, and from now on, unless another time is given', () => {
    const auth = user({ exp: Math.floor(Date.now() / 1000) - 3600 });
    const opened = openCaller(sealCaller(auth, ring, { validFor: '1m' }), ring);
    expect(opened.expiresAt).toBe(auth.expiresAt);
    expect(opened.expiresAt).toBeLessThan(Date.now());
    expect(fault(() => openCaller(seal(ada), ring))).toMatchObject(expired);
  });

  it('no longer for being sealed again', () => {
    const opened = openCaller(sealFor('10m'), ring, atNow);
    const later = NOW + 300_000;
    const again = sealCaller(opened, ring, { validFor: '7d', now: later });
    expect(openCaller(again, ring, { now: NOW + 599_999 }).subjectKey).toBe(ada.subjectKey);
    expect(fault(() => openCaller(again, ring, { now: NOW + 600_000 }))).toMatchObject(expired);
    const shorter = sealCaller(opened, ring, { validFor: 60, now: later });
    expect(fault(() => openCaller(shorter, ring, { now: later + 60_000 }))).toMatchObject(expired);
    expect(fault(() => sealCaller(opened, ring, { validFor: '7d', now: NOW + 600_000 }))).toMatchObject(
      expired,
    );
  });

  it('not into the time before it, beyond what clocks are apart', () => {
    const text = sealFor('7d');
    expect(openCaller(text, ring, { now: NOW - 300_000 }).subjectKey).toBe(ada.subjectKey);
    const error = fault(() => openCaller(text, ring, { now: NOW - 301_000 }));
    expect(error).toMatchObject(invalid);
    expect(error.message).toContain('301 seconds from now');
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['none', 0],
    ['less than none', -60],
    ['half a second', 0.5],
    ['no number', Number.NaN],
    ['for ever', Number.POSITIVE_INFINITY],
    ['no unit', '15'],
    ['another unit', '15w'],
    ['a blank', '15 m'],
    ['a fraction', '1.5h'],
    ['no count', 'm'],
    ['an empty text', ''],
    ['a date', new Date(NOW)],
  ])('not for %s', (_, validFor) => {
    const sentence = configurationSentence(() => sealFor(validFor as Duration));
    expect(sentence).toMatch(
      /^sealCaller\(\.\.\.\): validFor is .*(Write a whole number of seconds, or|At least '1s')/,
    );
  });

  it.each<Duration>(['8d', '169h', 604_801, 1e15])('not for %s', (validFor) => {
    expect(configurationSentence(() => sealFor(validFor))).toMatch(/validFor is .*At most '7d' is allowed/);
  });
});

describe('keys are rotated', () => {
  const text = seal(ada);
  const rotated = keyRing([second, first]);

  it('by putting a new one first: all open, the first seals', () => {
    expect(openCaller(text, rotated, atNow).subjectKey).toBe(ada.subjectKey);
    const sealed = sealCaller(ada, rotated, { validFor: 60, now: NOW });
    expect(sealed).toMatch(/^entra-guard-caller\.v1\.k2\./);
    expect(openCaller(sealed, keyRing([second]), atNow).subjectKey).toBe(ada.subjectKey);
    const error = fault(() => openCaller(sealed, ring, atNow));
    expect(error).toMatchObject(unreadable);
    expect(error.message).toBe("The sealed caller names the key 'k2', and the ring has k1.");
    expect(error.hint).toMatch(/Keep the job/);
  });

  it('and the same name on another secret opens nothing', () => {
    const other = keyRing([{ id: 'k1', secret: randomBytes(32) }, second]);
    expect(fault(() => openCaller(text, other, atNow))).toMatchObject(invalid);
  });

  it('and a name can’t be exchanged', () => {
    for (const id of ['k1', 'k2']) {
      const both = keyRing([second, first]);
      const sealed = sealCaller(ada, both, { validFor: 60, now: NOW });
      const renamed = sealed.replace('.k2.', `.${id}.`);
      if (id === 'k2') expect(openCaller(renamed, both, atNow).kind).toBe('user');
      else expect(fault(() => openCaller(renamed, both, atNow))).toMatchObject(invalid);
    }
  });
});

describe('what is not a sealed caller makes none', () => {
  const text = seal(ada);
  const body = text.slice(text.lastIndexOf('.') + 1);
  const bytes = Buffer.from(body, 'base64url');

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an object', { ...ada }],
    ['JSON of a caller', JSON.stringify(ada)],
    ['an empty text', ''],
    ['a token', signed(userClaims())],
    ['its body alone', body],
    ['a line break behind it', `${text}\n`],
    ['a blank before it', ` ${text}`],
    ['another purpose', text.replace('entra-guard-caller', 'entra-guard-ticket')],
    ['no purpose', text.replace('entra-guard-caller.', '')],
    ['version 0', text.replace('.v1.', '.v0.')],
    ['version 01', text.replace('.v1.', '.v01.')],
    ['padding', `${text}=`],
    ['nothing sealed', text.replace(body, '')],
    ['27 bytes', text.replace(body, bytes.subarray(0, 27).toString('base64url'))],
    ['28 bytes', text.replace(body, bytes.subarray(0, 28).toString('base64url'))],
    ['more than any token makes', text + 'A'.repeat(131_072)],
  ])('%s', (_, instead) => {
    const error = fault(() => openCaller(instead as string, ring, atNow));
    expect(error).toMatchObject(invalid);
    expect(error.hint).not.toBe('');
  });

  it('a later version is named, and never skipped', () => {
    const error = fault(() => openCaller(text.replace('.v1.', '.v2.'), ring, atNow));
    expect(error).toMatchObject(unreadable);
    expect(error.message).toBe('The sealed caller has version v2, and this release reads v1.');
  });

  it('each changed byte', () => {
    for (let at = 0; at < bytes.length; at++) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] as number) ^ (1 << (at % 8));
      const instead = text.replace(body, changed.toString('base64url'));
      expect(fault(() => openCaller(instead, ring, atNow))).toMatchObject(invalid);
    }
  });

  it('the nonce of one, the tag of another', () => {
    const others = Buffer.from(seal(daemon()).slice(text.lastIndexOf('.') + 1), 'base64url');
    for (const mixed of [
      [bytes.subarray(0, 12), others.subarray(12)],
      [bytes.subarray(0, -16), others.subarray(-16)],
    ]) {
      const instead = text.replace(body, Buffer.concat(mixed).toString('base64url'));
      expect(fault(() => openCaller(instead, ring, atNow))).toMatchObject(invalid);
    }
  });
});

describe('what was sealed with the same secret by something else', () => {
  const sealing = (ring as unknown as { readonly [SEALING]: Sealing })[SEALING];
  const content = {
    sealedAt: NOW,
    until: NOW + 60_000,
    kind: 'user',
    clientId: ada.clientId,
    tenantId: ada.tenantId,
    scopes: ['Orders.Read'],
    roles: [],
    claims: { ...ada.claims },
  };
  const opened = (instead: unknown, purpose = 'entra-guard-caller') =>
    openCaller(
      sealing.seal(purpose, typeof instead === 'string' ? instead : JSON.stringify(instead)),
      ring,
      atNow,
    );

  it('is a caller where it is one', () => {
    expect(opened(content).scopes).toEqual(['Orders.Read']);
    expect(opened({ ...content, later: true }).scopes).toEqual(['Orders.Read']);
  });

  it.each<[string, unknown]>([
    ['text', 'a caller'],
    ['a list', [content]],
    ['null', null],
    ['no time', { ...content, sealedAt: undefined }],
    ['a time in words', { ...content, until: 'tomorrow' }],
    ['no end', JSON.stringify(content).replace(`"until":${NOW + 60_000}`, '"until":1e999')],
    ['another kind', { ...content, kind: 'admin' }],
    ['no client', { ...content, clientId: undefined }],
    ['a number for a tenant', { ...content, tenantId: 1 }],
    ['scopes in one text', { ...content, scopes: 'Orders.Read' }],
    ['roles that are not text', { ...content, roles: [1] }],
    ['a list for an authority', { ...content, authority: [] }],
    ['half an authority', { ...content, authority: { realm: '' } }],
    ['no claims', { ...content, claims: undefined }],
    ['claims in a list', { ...content, claims: [] }],
  ])('is not one: %s', (_, instead) => {
    const error = fault(() => opened(instead));
    expect(error).toMatchObject(invalid);
    expect(error.message).toMatch(/its content is not a caller/);
  });

  it('is not one that was sealed for another purpose', () => {
    const ticket = sealing.seal('entra-guard-ticket', JSON.stringify(content));
    expect(fault(() => openCaller(ticket, ring, atNow))).toMatchObject(invalid);
    const renamed = ticket.replace('entra-guard-ticket', 'entra-guard-caller');
    expect(fault(() => openCaller(renamed, ring, atNow))).toMatchObject(invalid);
  });

  it('says only what it says, whatever is on the prototype of all objects', () => {
    const { scopes: _, ...without } = content;
    const polluted = {
      scopes: ['Admin'],
      acrs: ['c9'],
      until: NOW + 1e9,
      authority: {},
      state: 'opened',
      now: NOW,
    };
    for (const [name, value] of Object.entries(polluted)) {
      Object.defineProperty(Object.prototype, name, { value, configurable: true });
    }
    try {
      expect(fault(() => opened(without))).toMatchObject(invalid);
      expect(fault(() => openCaller('text', ring, atNow))).toMatchObject(invalid);
      expect(openCaller(seal(user()), ring, atNow).authenticationContexts.size).toBe(0);
      expect(fault(() => openCaller(seal(user()), ring))).toMatchObject(expired);
    } finally {
      for (const name of Object.keys(polluted)) Reflect.deleteProperty(Object.prototype, name);
    }
  });
});

describe('invalid options are refused at the call', () => {
  it.each<[string, unknown]>([
    ['a copy', { ...ada }],
    ['JSON', JSON.parse(JSON.stringify(ada))],
    ['nothing', undefined],
  ])('%s in the place of a caller', (_, auth) => {
    expect(configurationSentence(() => seal(auth as AuthContext))).toMatch(/^sealCaller\(\.\.\.\) was given/);
  });

  it.each<[string, unknown, RegExp]>([
    ['no options', undefined, /given undefined for its options. Pass an object: \{ validFor: '15m' \}/],
    ['a duration alone', '15m', /given a string for its options/],
    ['an unknown one', { validFor: 60, validfor: 60 }, /no option of sealCaller\(...\) called 'validfor'/],
    ['a broken clock', { validFor: 60, now: () => Number.NaN }, /sealCaller\(...\): now is NaN/],
    ['a time beyond all times', { validFor: 60, now: 8.64e15 }, /sealCaller\(...\): now is 8640000000000000/],
    ['an invalid date', { validFor: 60, now: new Date('soon') }, /sealCaller\(...\): now is NaN/],
  ])('%s for sealing', (_, options, words) => {
    expect(configurationSentence(() => sealCaller(ada, ring, options as SealCallerOptions))).toMatch(words);
  });

  it.each<[string, unknown, RegExp]>([
    ['a time alone', NOW, /given 1\d+ for its options. Pass an object: \{ now, revocations \}/],
    ['null', null, /given null for its options/],
    [
      'revocations that are not a store',
      { revocations: {} },
      /revocations is an object without the method find/,
    ],
    ['a broken clock', { now: 'today' }, /openCaller\(...\): now is today/],
  ])('%s for opening', (_, options, words) => {
    expect(configurationSentence(() => openCaller(seal(ada), ring, options as object))).toMatch(words);
  });
});
