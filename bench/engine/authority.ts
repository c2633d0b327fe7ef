import { createPublicKey, type JsonWebKey, type KeyObject } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { EntraOptions } from '@entra-guard/core';

/** What a contender has to know of whoever signs the tokens, as it travels between processes. */
export interface AuthorityFile {
  readonly tenantId: string;
  readonly clientId: string;
  readonly issuer: string;
  readonly metadataUrl: string;
  readonly jwksUri: string;
  readonly jwks: { readonly keys: readonly JsonWebKey[] };
  /** The key that signs. */
  readonly signingKey: JsonWebKey;
  /** Options that take the place of `authority`, for a guard that is set up in another way. */
  readonly guard?: GuardSetup;
}

/** A guard whose documents are served from memory. */
export interface GuardSetup {
  readonly options: EntraOptions;
  /** By URL. */
  readonly documents: { readonly [url: string]: unknown };
  /** A role that is asked for beside the scope. */
  readonly role: string;
}

export interface Authority extends Omit<AuthorityFile, 'signingKey'> {
  readonly signingKey: KeyObject;
}

export function readAuthority(file: string): Authority {
  const read = JSON.parse(readFileSync(file, 'utf8')) as AuthorityFile;
  return { ...read, signingKey: createPublicKey({ key: read.signingKey, format: 'jwk' }) };
}

/** Options of entra-guard with its default log: the console. */
export function defaultOptions({ issuer, clientId }: Authority): EntraOptions {
  return { authority: issuer, clientId };
}

/** Options of entra-guard: plain ones, and nothing written to the console. */
export function guardOptions({ issuer, clientId, guard }: Authority): EntraOptions {
  if (guard === undefined) return { authority: issuer, clientId, log: false };
  return { ...guard.options, fetch: fetchOf(guard.documents), log: false };
}

const fetches = new WeakMap<GuardSetup['documents'], typeof globalThis.fetch>();

/** The same documents have the same fetch, so that guards one after another share what it has read. */
function fetchOf(documents: GuardSetup['documents']): typeof globalThis.fetch {
  const known = fetches.get(documents) ?? documentFetch(documents);
  fetches.set(documents, known);
  return known;
}

/** A fetch that knows these documents and nothing else. */
function documentFetch(documents: GuardSetup['documents']): typeof globalThis.fetch {
  return async (url) => {
    const document = documents[String(url)];
    return document === undefined ? new Response(null, { status: 404 }) : Response.json(document);
  };
}
