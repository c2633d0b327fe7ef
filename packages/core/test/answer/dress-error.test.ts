import { expect, it } from 'vitest';
import { sentenceOf } from '../../../../test/support/sentences.js';
import { AuthContext, authorize, dressError, PermissionError, scopes, toHttp } from '../../src/index.js';
import { testAuth } from '../../src/testing/index.js';
import { refusalOf } from '../refusals.js';

const ada = testAuth({ kind: 'user', scopes: ['Orders.Read'] });
const secret = new PermissionError({ code: 'scope_missing', message: 'what the API has', hint: 'for logs' });

it('an error has the headers of its answer, and words for callers before the frames of its stack', async () => {
  const error = await refusalOf(authorize(scopes('Orders.Write'), ada));
  expect(error).toMatchObject({
    status: 403,
    headers: {
      'WWW-Authenticate': expect.stringContaining('error="insufficient_scope"'),
      'Cache-Control': 'no-store',
    },
  });
  expect(error).not.toHaveProperty(['headers', 'Content-Type']);
  expect(Object.keys(error)).not.toContain('headers');
  expect(error.message).toContain("required: scopes('Orders.Write')");
  expect(error.stack?.startsWith(`PermissionError: ${sentenceOf('scope_missing')}\n    at `)).toBe(true);
  expect(error.stack).not.toContain('required:');
});

it('an error without frames has the words alone, and another answer where one is given', () => {
  secret.stack = '';
  expect(dressError(secret)).toBe(secret);
  expect(secret.stack).toBe(`PermissionError: ${sentenceOf('scope_missing')}`);
  const explained = dressError(secret, toHttp(secret, { realm: 'orders', explain: true }));
  expect(explained.headers['WWW-Authenticate']).toContain('realm="orders"');
  expect(explained.stack).toContain('what the API has for logs');
});

it('what an application’s context throws is passed on unchanged', async () => {
  class Broken extends (AuthContext as unknown as new () => object) {
    get kind(): never {
      throw new RangeError('not today');
    }
  }
  await expect(authorize(scopes('Orders.Read'), new Broken() as unknown as AuthContext)).rejects.toThrow(
    RangeError,
  );
});
