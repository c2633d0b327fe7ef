import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createValidator, type ValidatorOptions } from '@entra-guard/core';
import { startEntra, type UserClaims } from '@entra-guard/testing';
import type { AuthorityFile, GuardSetup } from './authority.js';
import { writeTokens } from './local-authority.js';
import { userClaims } from './tokens.js';

/** How large everything is around one request. */
export interface Size {
  readonly tenants?: number;
  readonly roles?: number;
  readonly keys?: number;
  readonly tokens: number;
  /** Of the guard, beside its defaults. */
  readonly options?: object;
  /** When each token is made, milliseconds since the epoch. Default: now. */
  readonly madeAt?: (index: number) => number;
}

/** An authority of some size, in files that a process can be started with. */
export interface Scenario {
  readonly authorityFile: string;
  readonly tokensFile: string;
  readonly tokens: readonly string[];
}

/** The role that is asked for: the last one a token has. */
export const ROLE = 'Orders.Approver';

/** Makes an authority whose documents are served from memory, and tokens of its users. */
export async function scenario(folder: string, name: string, size: Size): Promise<Scenario> {
  const { tenants: tenantCount = 1, roles = 1, keys = 1 } = size;
  const tenants = Array.from({ length: tenantCount }, (_, index) => `tenant${index}`);
  let now = Date.now();
  const entra = await startEntra({ tenants: tenants as [string, ...string[]], now: () => now });
  try {
    const claims = (user: string, index: number): UserClaims => ({
      ...userClaims(user),
      tenant: tenants[index % tenants.length] as string,
      roles: [...Array.from({ length: roles - 1 }, (_, role) => `Orders.Role${role}`), ROLE],
    });
    const tokens = Array.from({ length: size.tokens }, (_, index) => {
      const user = `user${index}`;
      now = size.madeAt?.(index) ?? now;
      return entra.user(user, claims(user, index)).token;
    });
    now = size.madeAt?.(0) ?? now;
    const { fetch, now: clock, ...options } = { ...entra.options(undefined, { tenants }), ...size.options };
    const documents = await documentsAsked(
      { ...options, now: clock ?? Date.now },
      fetch,
      tokens.slice(0, tenants.length),
    );
    const guard: GuardSetup = { options, documents: withKeys(documents, keys), role: ROLE };
    const signingKey = signingKeyOf(documents, entra.keys[0] ?? '');
    const file: AuthorityFile = {
      tenantId: entra.tenantId,
      clientId: options.clientId,
      issuer: entra.authority,
      metadataUrl: '',
      jwksUri: '',
      jwks: { keys: [signingKey] },
      signingKey,
      guard,
    };
    const authorityFile = join(folder, `${name}.json`);
    writeFileSync(authorityFile, JSON.stringify(file));
    return { authorityFile, tokens, tokensFile: writeTokens(join(folder, `${name}.txt`), tokens) };
  } finally {
    await entra.close();
  }
}

/** The same with other options of the guard. */
export function withOptions({ authorityFile, ...rest }: Scenario, options: object): Scenario {
  const file = JSON.parse(readFileSync(authorityFile, 'utf8')) as AuthorityFile;
  if (file.guard === undefined) throw new Error('Only a guard of its own can have other options.');
  const guard = { ...file.guard, options: { ...file.guard.options, ...options } };
  const changed = authorityFile.replace(/\.json$/, '-changed.json');
  writeFileSync(changed, JSON.stringify({ ...file, guard }));
  return { ...rest, authorityFile: changed };
}

/** What a validator reads of its authority while it validates these tokens, by URL. */
async function documentsAsked(
  options: ValidatorOptions,
  fetch: typeof globalThis.fetch,
  tokens: readonly string[],
): Promise<GuardSetup['documents']> {
  const documents: Record<string, unknown> = {};
  const recording: typeof fetch = async (url, init) => {
    const response = await fetch(url, init);
    const document: unknown = await response.json();
    documents[String(url)] = document;
    return Response.json(document);
  };
  const validator = createValidator({ ...options, fetch: recording, log: false });
  try {
    await validator.ready();
    for (const token of tokens) await validator.validate(token);
  } finally {
    validator.close();
  }
  return documents;
}

interface KeyDocument {
  readonly keys: readonly { readonly kid: string }[];
}

function isKeyDocument(document: unknown): document is KeyDocument {
  return typeof document === 'object' && document !== null && 'keys' in document;
}

function signingKeyOf(documents: GuardSetup['documents'], kid: string): AuthorityFile['signingKey'] {
  const found = Object.values(documents)
    .filter(isKeyDocument)
    .flatMap(({ keys }) => keys)
    .find((key) => key.kid === kid);
  if (found === undefined) throw new Error('The signing key is not in any document.');
  return found;
}

/** Adds keys that sign nothing, before the one that does, until there are so many. */
function withKeys(documents: GuardSetup['documents'], count: number): GuardSetup['documents'] {
  return Object.fromEntries(
    Object.entries(documents).map(([url, document]) => {
      if (!isKeyDocument(document)) return [url, document];
      const added = Array.from({ length: count - document.keys.length }, () => ({
        ...document.keys[0],
        kid: randomBytes(20).toString('base64url'),
        n: madeUpModulus(),
      }));
      return [url, { ...document, keys: [...added, ...document.keys] }];
    }),
  );
}

/** 2048 bits, odd. Whether it has two prime factors, nobody looks. */
function madeUpModulus(): string {
  const bytes = randomBytes(256);
  bytes[0] = (bytes[0] as number) | 0x80;
  bytes[255] = (bytes[255] as number) | 1;
  return bytes.toString('base64url');
}
