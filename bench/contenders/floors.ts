import * as crypto from 'node:crypto';
import { type KeyObject, verify } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { RequestHandler } from 'express';
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

/** What a request has behind `Bearer `. */
export function tokenOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  return (headers.authorization ?? '').slice('Bearer '.length);
}

function cryptoVerify({ signingKey }: Authority): Verifier<Signed> {
  return {
    prepare: signed,
    judge: () => {},
    verify: ({ text, signature }) => {
      if (!verify('RSA-SHA256', text, signingKey, signature)) throw new Error('The signature is wrong.');
    },
  };
}

function pooledVerify(key: KeyObject): Verifier<Signed> {
  return {
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

/** The signature alone: no validator can be faster with a token that was never seen. */
export const rawVerify: Contender = {
  setup: 'the signature alone, text and signature decoded ahead, one key at hand; no claim is read',
  verifier: async (authority) => cryptoVerify(authority) as Verifier,
  handlers: async (authority) => {
    const { prepare, verify } = cryptoVerify(authority);
    return [
      (request, _, next) => {
        verify(prepare(tokenOf(request)));
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

/** What no validator can leave out with a new token: the signature, one parse of each part, and the comparisons. */
export const neededWork: Contender = {
  setup:
    'crypto.verify with one key ahead, one decode and JSON.parse of header and claims; alg, kid, iss, aud, exp, nbf and idtyp compared',
  verifier: async (authority) => verifier(needed(authority)),
  handlers: async (authority) => {
    const verify = needed(authority);
    return [
      (request, _, next) => {
        verify(tokenOf(request));
        next();
      },
    ];
  },
};

interface NeededClaims {
  readonly iss: string;
  readonly aud: string;
  readonly exp: number;
  readonly nbf: number;
  readonly idtyp: string;
}

function needed({ signingKey, jwks, issuer, clientId }: Authority): (token: string) => NeededClaims {
  const kids = new Set(jwks.keys.map(({ kid }) => kid));
  return (token) => {
    const headerEnd = token.indexOf('.');
    const end = token.indexOf('.', headerEnd + 1);
    const { alg, kid } = parsed(token.slice(0, headerEnd)) as { readonly alg: string; readonly kid: string };
    const claims = parsed(token.slice(headerEnd + 1, end)) as NeededClaims;
    const now = Date.now() / 1000;
    if (
      alg !== 'RS256' ||
      !kids.has(kid) ||
      claims.iss !== issuer ||
      claims.aud !== clientId ||
      !(claims.exp > now) ||
      !(claims.nbf <= now) ||
      claims.idtyp !== 'user' ||
      !verify(
        'RSA-SHA256',
        Buffer.from(token.slice(0, end), 'latin1'),
        signingKey,
        Buffer.from(token.slice(end + 1), 'base64url'),
      )
    ) {
      throw new Error('The token is wrong.');
    }
    return claims;
  };
}

function parsed(part: string): unknown {
  return JSON.parse(Buffer.from(part, 'base64url').toString());
}

const refuse: RequestHandler = (_, response) => {
  response.status(401).set('WWW-Authenticate', 'Bearer').json({ title: 'Unauthorized', status: 401 });
};

/** A refusal can not cost less on Express. */
export const constant401: Contender = {
  setup: 'a route that looks at nothing and answers 401 with a constant JSON',
  verifier: async () => verifier(() => undefined),
  handlers: async () => [refuse],
};

/** A refusal after the signature can not cost less on Express. */
export const neededWorkAnd401: Contender = {
  setup: 'needed work, then a constant 401',
  verifier: neededWork.verifier,
  handlers: async (authority) => [...(await neededWork.handlers(authority)), refuse],
};

/**
 * Finds the caller of a token by its SHA-256, and keeps no raw token. Uses `crypto.hash`, which Node 21 before 21.7 does not
 * have, where there is one.
 */
export function callersByHash(): (token: string) => object {
  const oneShot = crypto.hash as typeof crypto.hash | undefined;
  const sha256 =
    oneShot === undefined
      ? (text: string) => crypto.createHash('sha256').update(text).digest('binary')
      : (text: string) => oneShot('sha256', text, 'binary');
  const seen = new Map<string, object>();
  return (token) => {
    const key = sha256(token);
    const known = seen.get(key);
    if (known !== undefined) return known;
    const caller = {};
    seen.set(key, caller);
    return caller;
  };
}

/** No validator that keeps no raw tokens can be faster with a token that was seen before. */
export const hashFloor: Contender = {
  setup: 'SHA-256 of the token and a look-up; not even the expiry is compared',
  verifier: async () => verifier(callersByHash()),
  handlers: async () => [],
};

/** No guard that keeps no raw tokens can be faster with a token that was seen before. */
export const hashOnlyGuard: Contender = {
  setup: 'a middleware that reads the header, looks the SHA-256 of the token up in a Map and sets req.auth',
  verifier: hashFloor.verifier,
  handlers: async () => {
    const callerOf = callersByHash();
    return [
      (request, _, next) => {
        (request as { auth?: object }).auth = callerOf(tokenOf(request));
        next();
      },
    ];
  },
};

/** The route without a guard. */
export const unguarded: Contender = {
  setup: 'the same route with nothing in front of it',
  verifier: async () => verifier(() => undefined),
  handlers: async () => [],
};
