import {
  ConfigurationError,
  createValidator,
  type EntraOptions,
  type ValidatorState,
} from '@entra-guard/core';
import { isDocument } from './authority-checks.js';
import { type Check, ok, problem, skipped } from './check.js';
import type { Exchange, Exchanges } from './exchanges.js';

const V2 = '/v2.0/.well-known/openid-configuration';
const V1 = '/.well-known/openid-configuration';
const LIMIT = 5000;

const WHICH =
  'Which one a token has is said by api.requestedAccessTokenVersion in the manifest of the API: 2, or null for 1. Both are accepted.';

/**
 * Whether both versions of the authority are of the same tenant, and which issuers tokens have. An issuer counts only where the
 * core takes the metadata that states it.
 */
export async function checkIssuers(
  exchanges: Exchanges,
  { sources }: ValidatorState,
  options: EntraOptions,
): Promise<Check> {
  const read = sources.filter(({ document }) => document === 'metadata');
  const taken = read.filter(({ fetchedAt, lastError }) => fetchedAt !== undefined && lastError === undefined);
  const metadata = exchanges.all.findLast(
    (one) => isDocument(one) && taken.some(({ url }) => url === one.url),
  );
  const issuer = issuerOf(metadata);
  if (metadata === undefined || issuer === undefined) {
    const refused = exchanges.all.some((one) => isDocument(one) && read.some(({ url }) => url === one.url));
    return skipped(
      'issuers',
      refused ? 'the metadata is not accepted: see metadata' : 'there is no metadata',
    );
  }
  const other = siblingOf(metadata.url);
  const answered = other === undefined ? undefined : await readAlso(exchanges, other);
  const otherIssuer = issuerOf(answered);
  if (answered === undefined || otherIssuer === undefined) {
    return ok('issuers', `${issuer}, and no other version`);
  }
  const [tenant, otherTenant] = [tenantIn(issuer), tenantIn(otherIssuer)];
  if (tenant !== otherTenant) {
    return problem(
      'issuers',
      `${metadata.url} is of ${tenant ?? issuer}, and ${other} of ${otherTenant ?? otherIssuer}`,
      'They have to be one tenant. Something on the way answers for one of them.',
    );
  }
  const refusal = await refusalOf(answered, options);
  if (refusal !== undefined) {
    return problem(
      'issuers',
      `${answered.url}: ${refusal}`,
      'Tokens of that version are answered 503. Something on the way answers for the authority.',
    );
  }
  return { ...ok('issuers', `${issuer} and ${otherIssuer}`), hint: WHICH };
}

/** What the core has against metadata that it was not asked to read. */
async function refusalOf({ url, answer }: Exchange, options: EntraOptions): Promise<string | undefined> {
  const { clientId, cloud } = options;
  // Read as the authority of one tenant: what all tenants share is filled in for that one.
  const document = JSON.stringify(answer?.document).replaceAll(/\{tenantid\}/gi, ONE_TENANT);
  const authority = url.replace(/\/(?:common|organizations|consumers)\//, `/${ONE_TENANT}/`);
  try {
    const validator = createValidator({
      authority,
      clientId,
      ...(cloud === undefined ? {} : { cloud }),
      fetch: async () => new Response(document, { headers: { 'content-type': 'application/json' } }),
      log: false,
    });
    try {
      // The same document is not a key set, which does not matter here.
      await validator.ready().catch(() => {});
      return validator.state().sources.find((one) => one.document === 'metadata')?.lastError;
    } finally {
      validator.close();
    }
  } catch (error) {
    if (ConfigurationError.is(error)) return error.message;
    throw error;
  }
}

const ONE_TENANT = '00000000-0000-4000-8000-000000000001';

const issuerOf = (exchange: Exchange | undefined): string | undefined => {
  const issuer = exchange?.answer?.document?.issuer;
  return typeof issuer === 'string' ? issuer : undefined;
};

async function readAlso(exchanges: Exchanges, url: string): Promise<Exchange | undefined> {
  try {
    const response = await exchanges.fetch(url, { redirect: 'error', signal: AbortSignal.timeout(LIMIT) });
    await response.body?.cancel();
  } catch {
    // An authority need not have both.
  }
  return exchanges.all.findLast((one) => one.url === url && isDocument(one));
}

/** Entra has separate metadata for tokens of version 1 and of version 2; a B2C policy has only one. */
function siblingOf(metadataUrl: string): string | undefined {
  const url = new URL(metadataUrl);
  if (/b2c_1/i.test(metadataUrl) || !url.pathname.endsWith(V1)) return undefined;
  url.pathname = url.pathname.endsWith(V2)
    ? `${url.pathname.slice(0, -V2.length)}${V1}`
    : `${url.pathname.slice(0, -V1.length)}${V2}`;
  return url.href;
}

/** A GUID, or the template that stands for any. */
function tenantIn(issuer: string): string | undefined {
  return /[0-9a-f]{8}-[0-9a-f-]{27}|\{tenantid\}/i.exec(issuer)?.[0]?.toLowerCase();
}
