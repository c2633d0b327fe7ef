import { isDocument } from './authority-checks.js';
import { type Check, ok, problem, skipped } from './check.js';
import type { Exchange, Exchanges } from './exchanges.js';

const V2 = '/v2.0/.well-known/openid-configuration';
const V1 = '/.well-known/openid-configuration';
const LIMIT = 5000;

const WHICH =
  'Which one a token has is said by api.requestedAccessTokenVersion in the manifest of the API: 2, or null for 1. Both are accepted.';

/** Whether both versions of the authority are of the same tenant, and which issuers tokens have. */
export async function checkIssuers(exchanges: Exchanges): Promise<Check> {
  const metadata = exchanges.all.find(
    (one) => isDocument(one) && typeof one.answer?.document?.issuer === 'string',
  );
  const issuer = issuerOf(metadata);
  if (metadata === undefined || issuer === undefined) return skipped('issuers', 'there is no metadata');
  const other = siblingOf(metadata.url);
  const answered = other === undefined ? undefined : await read(exchanges, other);
  const otherIssuer = issuerOf(answered);
  if (otherIssuer === undefined) return ok('issuers', `${issuer}, and no other version`);
  const [tenant, otherTenant] = [tenantIn(issuer), tenantIn(otherIssuer)];
  if (tenant !== otherTenant) {
    return problem(
      'issuers',
      `${metadata.url} is of ${tenant ?? issuer}, and ${other} of ${otherTenant ?? otherIssuer}`,
      'They have to be one tenant. Something on the way answers for one of them.',
    );
  }
  return { ...ok('issuers', `${issuer} and ${otherIssuer}`), hint: WHICH };
}

const issuerOf = (exchange: Exchange | undefined): string | undefined => {
  const issuer = exchange?.answer?.document?.issuer;
  return typeof issuer === 'string' ? issuer : undefined;
};

async function read(exchanges: Exchanges, url: string): Promise<Exchange | undefined> {
  try {
    const response = await exchanges.fetch(url, { redirect: 'error', signal: AbortSignal.timeout(LIMIT) });
    await response.body?.cancel();
  } catch {
    // An authority need not have both.
  }
  return exchanges.all.findLast((one) => one.url === url && isDocument(one));
}

/** Entra has metadata for tokens of version 1 beside that for version 2; a B2C policy has one only. */
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
