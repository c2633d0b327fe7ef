import type { JsonWebKey } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalEntra, startEntra } from '@entra-guard/testing';
import type { AuthorityFile } from './authority.js';
import { userClaims } from './tokens.js';

/** A local Entra on a TLS port, which every contender reads metadata and keys from, and tokens that it signed. */
export interface LocalAuthority {
  /** Where the child processes read it. */
  readonly file: string;
  /** The certificate of its port, for `NODE_EXTRA_CA_CERTS`. */
  readonly certificateFile: string;
  readonly folder: string;
  /** At least so many different tokens; the same ones each time. */
  tokens(count: number): readonly string[];
  /** The same, in a file that child processes read, one a line. */
  tokensFile(count: number): string;
  readonly user: LocalEntra['user'];
  readonly wrong: LocalEntra['wrong'];
  close(): Promise<void>;
}

/** As many keys as Entra publishes at a time. */
const KEYS = 6;

export async function startLocalAuthority(): Promise<LocalAuthority> {
  const entra = await startEntra({ port: 0, tls: true });
  for (let made = 1; made < KEYS; made++) await entra.rotateKeys({ keep: KEYS - 1 });
  const folder = mkdtempSync(join(tmpdir(), 'entra-guard-bench-'));
  const file = join(folder, 'authority.json');
  const certificateFile = join(folder, 'certificate.pem');
  writeFileSync(certificateFile, entra.certificate ?? '');
  writeFileSync(file, JSON.stringify(await describe(entra)));
  const tokens: string[] = [];
  const upTo = (count: number) => {
    while (tokens.length < count) {
      const name = `user${tokens.length}`;
      tokens.push(entra.user(name, userClaims(name)).token);
    }
    return tokens.slice(0, count);
  };
  return {
    file,
    certificateFile,
    folder,
    tokens: upTo,
    tokensFile: (count) => writeTokens(join(folder, `tokens-${count}.txt`), upTo(count)),
    user: entra.user,
    wrong: entra.wrong,
    close: async () => {
      await entra.close();
      rmSync(folder, { recursive: true });
    },
  };
}

export function writeTokens(file: string, tokens: readonly string[]): string {
  writeFileSync(file, tokens.join('\n'));
  return file;
}

async function describe(entra: LocalEntra): Promise<AuthorityFile> {
  const metadataUrl = `${entra.authority}/.well-known/openid-configuration`;
  const metadata = (await readJson(entra, metadataUrl)) as {
    readonly issuer: string;
    readonly jwks_uri: string;
  };
  const jwks = (await readJson(entra, metadata.jwks_uri)) as { readonly keys: readonly JsonWebKey[] };
  const signingKey = jwks.keys.find(({ kid }) => kid === entra.keys[0]);
  if (signingKey === undefined) throw new Error('The local Entra does not publish the key it signs with.');
  return {
    tenantId: entra.tenantId,
    clientId: entra.options().clientId,
    issuer: metadata.issuer,
    metadataUrl,
    jwksUri: metadata.jwks_uri,
    jwks,
    signingKey,
  };
}

async function readJson(entra: LocalEntra, url: string): Promise<unknown> {
  return (await entra.fetch(url)).json();
}
