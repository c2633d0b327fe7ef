// @ts-check
/** @typedef {(error: unknown, user?: unknown, info?: unknown) => void} Done */
/** @typedef {Record<string, unknown>} Claims */

const circular = () => {
  /** @type {Record<string, unknown>} */
  const value = { name: 'ada' };
  value.self = value;
  return value;
};

/**
 * Functions that applications use as `verify`, by name. Rows are sent to another process, which functions can't be.
 *
 * @type {Readonly<Record<string, (token: Claims, done: Done, request: { method?: string } | undefined) => unknown>>}
 */
export const VERIFIES = {
  everybody: (token, done) => done(null, {}, token),
  'claims as user': (token, done) => done(null, token),
  'user by oid': (token, done) => done(null, { id: token.oid }, { scp: token.scp }),
  'true as user': (_, done) => done(null, true),
  'text as user': (_, done) => done(null, 'ada'),
  'number as user': (_, done) => done(null, 7, { n: 1 }),
  'text as info': (_, done) => done(null, { id: 1 }, 'welcome'),
  'undefined error': (token, done) => done(undefined, {}, token),
  'false as error': (token, done) => done(false, {}, token),
  'method of the request': (token, done, request) => done(null, { method: request?.method }, token),
  'a promise of a user': (token, done) => done(null, Promise.resolve({ id: token.oid }), token),
  'a promise of no user': (token, done) => done(null, Promise.resolve(null), token),
  'a promise that rejects': (token, done) => {
    const query = Promise.reject(new Error('database down'));
    query.catch(() => {});
    done(null, query, token);
  },
  'an error in the place of the user': (_, done) => done(null, new Error('no such user')),
  'unauthorized, as in the samples': (_, done) => done(new Error('Unauthorized'), null, 'no permission'),
  'no user: false': (_, done) => done(null, false),
  'no user: null': (_, done) => done(null, null),
  'no user: nothing': (_, done) => done(null),
  'no user: zero': (_, done) => done(null, 0),
  'no user: empty text': (_, done) => done(null, ''),
  'no user: with a text': (_, done) => done(null, false, 'no such user'),
  'no user: with an object': (_, done) => done(null, false, { reason: 'no such user' }),
  'no user: with an error': (_, done) => done(null, false, new Error('no such user')),
  'no user: with a line break': (_, done) => done(null, false, 'no such user\r\nSet-Cookie: a=b'),
  'no user: with an umlaut beyond Latin-1': (_, done) => done(null, false, 'kein Benutzer „Ada“'),
  'no user: with a circular object': (_, done) => done(null, false, circular()),
  'an error': (_, done) => done(new Error('database down')),
  'an error and a user': (_, done) => done(new Error('database down'), { id: 1 }),
  'a text as error': (_, done) => done('database down'),
  'an object as error': (_, done) => done({ status: 418, message: 'teapot' }),
  'an error with a status': (_, done) => done(Object.assign(new Error('not yours'), { status: 403 })),
  throws: () => {
    throw new Error('database down');
  },
  'throws a text': () => {
    throw 'database down';
  },
  'throws nothing': () => {
    throw undefined;
  },
  'throws after done': (token, done) => {
    done(null, {}, token);
    throw new Error('too late');
  },
  rejects: async () => {
    throw new Error('database down');
  },
  'rejects after done': async (token, done) => {
    done(null, {}, token);
    throw new Error('too late');
  },
  'async, with done': async (token, done) => {
    await Promise.resolve();
    done(null, {}, token);
  },
  'done in a later turn': (token, done) => {
    setImmediate(() => done(null, {}, token));
  },
  'done twice': (token, done) => {
    done(null, {}, token);
    done(null, { other: true });
  },
  'refuses, then accepts': (token, done) => {
    done(null, false);
    done(null, {}, token);
  },
  'changes its token': (token, done) => {
    token.roles = ['Admin'];
    delete token.aud;
    done(null, {}, token);
  },
  'returns the user instead of calling done': () => ({ id: 1 }),

  'returns the claims': (token) => token,
  'returns the claims, later': async (token) => token,
  'returns a user': (token) => ({ id: token.oid }),
  'returns a user and info': (token) => [{ id: token.oid }, token],
  'returns nothing': () => undefined,
  'returns null': () => null,
  'returns false': () => false,
  'calls done, returns nothing': (token, done) => {
    done(null, { id: token.oid }, 'mine');
  },
};
