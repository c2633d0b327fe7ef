import { describe, expect, it, vi } from 'vitest';
import { sentenceOf } from '../../../../test/support/sentences.js';
import {
  AuthContext,
  appPermissions,
  CheckFailedError,
  ConfigurationError,
  CredentialError,
  EntraGuardError,
  evaluate,
  KeysUnavailableError,
  keyRing,
  PermissionError,
  SealedCallerError,
  StepUpError,
  sealCaller,
  TokenError,
  toHttp,
} from '../../src/index.js';

const facts = { message: 'what was found', hint: 'what to change' };
const errors = {
  CredentialError: new CredentialError({ ...facts, code: 'credentials_missing' }),
  TokenError: new TokenError({ ...facts, code: 'token_expired' }),
  PermissionError: new PermissionError({ ...facts, code: 'scope_missing' }),
  StepUpError: new StepUpError({
    ...facts,
    code: 'sign_in_too_old',
    stepUp: { kind: 'sign-in', maxAgeSeconds: 900 },
  }),
  KeysUnavailableError: new KeysUnavailableError({ ...facts, retryAfter: 1 }),
  SealedCallerError: new SealedCallerError({ ...facts, code: 'sealed_caller_expired' }),
  CheckFailedError: new CheckFailedError(facts),
  ConfigurationError: new ConfigurationError('what was found', 'what to change'),
};
const classes = {
  CredentialError,
  TokenError,
  PermissionError,
  StepUpError,
  KeysUnavailableError,
  SealedCallerError,
  CheckFailedError,
  ConfigurationError,
};

describe('every error', () => {
  it.each(Object.entries(errors))(
    '%s has its name, a code, a status and a hint, and is an Error',
    (name, error) => {
      expect(error).toBeInstanceOf(Error);
      expect(error.name).toBe(name);
      expect(String(error)).toMatch(new RegExp(`^${name}: what was found`));
      expect(error.stack).toContain(`${name}: what was found`);
      expect(error.hint).toBe('what to change');
      expect(error.code).toMatch(/^[a-z_]+$/);
      expect(error.status).toBeGreaterThanOrEqual(400);
      expect(EntraGuardError.is(error)).toBe(true);
    },
  );

  it.each(Object.entries(classes))(
    '%s recognises its own and its heirs, and no other',
    (name, errorClass) => {
      const heirs = name === 'PermissionError' ? ['PermissionError', 'StepUpError'] : [name];
      const recognised = Object.entries(errors).flatMap(([other, error]) =>
        errorClass.is(error) ? [other] : [],
      );
      expect(recognised).toEqual(heirs);
    },
  );

  it('is told from what only looks like one', () => {
    const likeness = { name: 'TokenError', code: 'token_expired', status: 401, hint: '', message: '' };
    for (const value of [likeness, new Error('x'), 'TokenError', undefined, null, 7]) {
      expect(EntraGuardError.is(value)).toBe(false);
      expect(TokenError.is(value)).toBe(false);
    }
  });

  it.each(Object.entries(classes))(
    '%s has a name that can be changed, as that of Error',
    (name, errorClass) => {
      expect(Object.getOwnPropertyDescriptor(errorClass.prototype, 'name')).toEqual({
        ...Object.getOwnPropertyDescriptor(Error.prototype, 'name'),
        value: name,
      });
    },
  );

  it('keeps its cause', () => {
    const cause = new TypeError('no such order');
    expect(new CheckFailedError({ ...facts, cause }).cause).toBe(cause);
    expect('cause' in errors.CheckFailedError).toBe(false);
  });
});

describe('an ESM and a CommonJS copy in one process', () => {
  it('recognise each other’s errors, and answer them', async () => {
    vi.resetModules();
    const copy = await import('../../src/index.js');
    const foreign = new copy.TokenError({ ...facts, code: 'token_expired' });
    expect(foreign).not.toBeInstanceOf(EntraGuardError);
    expect(EntraGuardError.is(foreign)).toBe(true);
    expect(TokenError.is(foreign)).toBe(true);
    expect(PermissionError.is(foreign)).toBe(false);
    expect(copy.PermissionError.is(errors.StepUpError)).toBe(true);
    expect(toHttp(foreign)).toEqual(toHttp(errors.TokenError));
  });

  it('open what the other has sealed, with a ring that either has made', async () => {
    vi.resetModules();
    const copy = await import('../../src/index.js');
    const testing = await import('../../src/testing/index.js');
    const secret = Buffer.alloc(32, 7);
    const auth = testing.testAuth({ kind: 'app', roles: ['Orders.Read.All'] });
    const sealed = sealCaller(auth, copy.keyRing([{ id: 'k1', secret }]), { validFor: '1m' });
    const opened = copy.openCaller(sealed, keyRing([{ id: 'k1', secret }]));
    expect(opened).not.toBeInstanceOf(AuthContext);
    expect(AuthContext.is(opened)).toBe(true);
    expect(evaluate(appPermissions('Orders.Read.All'), opened)).toEqual({ granted: true });
    try {
      copy.openCaller('text', keyRing([{ id: 'k1', secret }]));
      expect.unreachable();
    } catch (error) {
      expect(SealedCallerError.is(error)).toBe(true);
    }
  });

  it('do not take the application’s own subclasses for each other', () => {
    class LicenceError extends PermissionError {}
    class QuotaError extends PermissionError {}
    const error = new LicenceError({ ...facts, code: 'check_refused' });
    expect(LicenceError.is(error)).toBe(true);
    expect(QuotaError.is(error)).toBe(false);
    expect(LicenceError.is(errors.PermissionError)).toBe(false);
    expect(PermissionError.is(error)).toBe(true);
    expect(toHttp(error).status).toBe(403);
  });
});

describe('a status follows from what went wrong', () => {
  it.each<[number, EntraGuardError]>([
    [401, errors.CredentialError],
    [400, new CredentialError({ ...facts, code: 'credentials_malformed' })],
    [401, errors.TokenError],
    [403, errors.PermissionError],
    [404, new PermissionError({ ...facts, code: 'check_refused', status: 404 })],
    [401, errors.StepUpError],
    [503, errors.KeysUnavailableError],
    [500, errors.CheckFailedError],
    [500, errors.ConfigurationError],
  ])('%d %s', (status, error) => {
    expect(error.status).toBe(status);
    expect(toHttp(error).status).toBe(status);
  });

  it('a configuration error says the fix in its message, for stack traces show nothing else', () => {
    expect(errors.ConfigurationError.message).toBe('what was found what to change');
  });

  it('a refused token is taken for unverified unless said otherwise', () => {
    expect(errors.TokenError).toMatchObject({
      verified: false,
      concealed: false,
      found: undefined,
      expected: undefined,
    });
  });

  describe('a refusal that would tell which tenants are accepted', () => {
    const tells = {
      ...facts,
      code: 'tenant_not_accepted',
      message: 'Found tenant 3, expected tenant 1 or tenant 2.',
      hint: 'Add tenant 3 to tenants 1 and 2.',
      found: 'tenant 3',
      expected: 'tenant 1 or tenant 2',
      concealed: true,
    } as const;
    const concealed = new TokenError(tells);

    it.each<[string, (error: Error) => string]>([
      ["Express's own handler, which prints the stack", (error) => String(error.stack)],
      ["Fastify's, which prints the message", (error) => error.message],
      ['a template', (error) => `${error}`],
      ['a handler that sends the error as JSON', (error) => JSON.stringify(error)],
      ['one that copies its members', (error) => JSON.stringify({ ...error, message: error.message })],
      ['one that walks over them', (error) => Object.entries(error).join()],
    ])('says nothing of them to %s', (_, shown) => {
      expect(shown(concealed)).not.toMatch(/tenant|issuer/);
      expect(shown(new TokenError({ ...tells, verified: true }))).not.toBe(shown(concealed));
    });

    it('says it to the log', () => {
      expect(concealed.message).toBe(sentenceOf('token_not_accepted'));
      expect(concealed.explanation).toBe(tells.message);
      const { code, hint, found, expected } = concealed;
      expect({ code, hint, found, expected }).toEqual({
        code: tells.code,
        hint: tells.hint,
        found: tells.found,
        expected: tells.expected,
      });
      expect(Object.keys(concealed)).not.toContain('hint');
    });

    it('after the signature, and where nothing is concealed, says it as ever', () => {
      for (const error of [
        new TokenError({ ...tells, verified: true }),
        new TokenError({ ...tells, concealed: false }),
        new CredentialError({ ...facts, code: 'credentials_missing', message: tells.message }),
      ]) {
        expect(error.message).toBe(tells.message);
        expect(error.explanation).toBe(tells.message);
        expect(Object.keys(error)).toContain('hint');
      }
    });
  });

  it('what would have been enough cannot be changed', () => {
    const error = new PermissionError({ ...facts, code: 'scope_missing', enough: { scopes: ['A'] } });
    expect(Object.isFrozen(error.enough)).toBe(true);
    expect(errors.PermissionError.enough).toEqual({});
  });
});
