import type { Exchange } from './exchanges.js';

const NAME = 'The name cannot be resolved: check its spelling, and the DNS of this machine.';
const NO_WAY =
  'Nothing answers: does a firewall stand in between, or has the way out to lead through a proxy?';
const OWN_ISSUER =
  "An issuer that Node does not know, mostly a proxy's that opens connections. Set NODE_EXTRA_CA_CERTS to the file with its certificate.";

/** What to do, by the code of Node or undici. */
const HINTS: Readonly<Record<string, string>> = {
  ENOTFOUND: NAME,
  EAI_AGAIN: NAME,
  ECONNREFUSED: 'Nothing listens there: is the local Entra running, and is the port right?',
  ECONNRESET: NO_WAY,
  ETIMEDOUT: NO_WAY,
  EHOSTUNREACH: NO_WAY,
  ENETUNREACH: NO_WAY,
  UND_ERR_CONNECT_TIMEOUT: NO_WAY,
  UND_ERR_SOCKET: NO_WAY,
  AbortError: NO_WAY,
  FetchFailure: NO_WAY,
};

/** What to do about certificates, by the code of Node. */
const CERTIFICATES: Readonly<Record<string, string>> = {
  SELF_SIGNED_CERT_IN_CHAIN: OWN_ISSUER,
  DEPTH_ZERO_SELF_SIGNED_CERT: OWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT: OWN_ISSUER,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: OWN_ISSUER,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: OWN_ISSUER,
  CERT_HAS_EXPIRED:
    "Its certificate has expired. If this machine's clock is right, tell the operator of that host.",
  CERT_NOT_YET_VALID: 'Its certificate is not valid yet: is the clock of this machine right?',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name: is the host the right one?',
  ERR_SSL_WRONG_VERSION_NUMBER: 'It does not speak TLS there: is it http, or a proxy?',
};

export const isCertificateFailure = ({ failure }: Exchange): boolean =>
  failure !== undefined && Object.hasOwn(CERTIFICATES, failure.code);

/** What to do about a connection whose certificate is refused; `undefined` if that is not what an error of Node is about. */
export function certificateHint(code: string): string | undefined {
  return CERTIFICATES[code];
}

/** What to do about an exchange that gave no document. */
export function hintFor({ answer, failure }: Exchange): string {
  if (failure !== undefined) return CERTIFICATES[failure.code] ?? HINTS[failure.code] ?? NO_WAY;
  const { status = 0, contentType = '' } = answer ?? {};
  if (status === 400 || status === 404) {
    return 'The authority does not know it: compare the tenant, the cloud, and for B2C the policy.';
  }
  if (status === 407) return 'The proxy wants to know who asks: give it user and password.';
  if (status === 429) return 'Too many requests come from here. Wait, then look for what sends them.';
  if (status >= 500)
    return 'The authority has trouble, or something on the way. Try again, and see the status page of Azure.';
  if (/html/i.test(contentType))
    return 'A web page instead of a document: a proxy or a sign-in page answers on the way.';
  return 'Something else answers there than an authority: is the URL right?';
}
