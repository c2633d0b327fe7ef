import { hash, type KeyObject, verify } from 'node:crypto';
import type { Authority } from '../engine/authority.js';
import { type Contender, type Verifier, verifier } from './contender.js';

interface Signed {
  readonly text: Buffer;
  readonly signature: Buffer;
}

function signed(token: string): Signed {
  const end = token.lastIndexOf('.');
  return {
    text: Buffer.from(token.slice(0, end)),
    signature: Buffer.from(token.slice(end + 1), 'base64url'),
  };
}

function cryptoVerify({ signingKey }: Authority): Verifier<Signed> {
  return {
    answers: 'at once',
    prepare: signed,
    judge: () => {},
    verify: ({ text, signature }) => {
      if (!verify('RSA-SHA256', text, signingKey, signature)) throw new Error('The signature is wrong.');
    },
  };
}

function pooledVerify(key: KeyObject): Verifier<Signed> {
  return {
    answers: 'with a promise',
    prepare: signed,
    judge: () => {},
    verify: ({ text, signature }) =>
      new Promise<void>((resolve, reject) => {
        verify('RSA-SHA256', text, key, signature, (error, holds) => {
          if (holds) resolve();
          else reject(error ?? new Error('The signature is wrong.'));
        });
      }),
  };
}

/** Nobody can be faster with a token that was never seen. */
export const rawVerify: Contender = {
  setup: 'the signature alone, text and signature decoded ahead, one key at hand; no claim is read',
  verifier: async (authority) => cryptoVerify(authority) as Verifier,
  handlers: async (authority) => {
    const { prepare, verify } = cryptoVerify(authority);
    return [
      (request, _, next) => {
        verify(prepare((request.headers.authorization ?? '').slice('Bearer '.length)));
        next();
      },
    ];
  },
};

export const rawPooledVerify: Contender = {
  setup: 'the same with a callback: signatures are verified on the threads of libuv',
  verifier: async ({ signingKey }) => pooledVerify(signingKey) as Verifier,
  handlers: async () => [],
};

/** Nobody who keeps no raw tokens can be faster with a token that was seen before. */
export const hashFloor: Contender = {
  setup: 'SHA-256 of the token and a look-up; not even the expiry is compared',
  verifier: async () => {
    const seen = new Map<string, object>();
    return verifier('at once', (token) => {
      const key = hash('sha256', token, 'binary');
      const known = seen.get(key);
      if (known === undefined) seen.set(key, {});
      return known;
    });
  },
  handlers: async () => [],
};

/** The route without a guard. */
export const unguarded: Contender = {
  setup: 'the same route with nothing in front of it',
  verifier: async () => verifier('at once', () => undefined),
  handlers: async () => [],
};
