import { createHash, createPublicKey, sign, X509Certificate } from 'node:crypto';
import type { FederatedCredential } from '@entra-guard/testing';
import { clientCertificate } from '../../packages/testing/test/client-certificate.js';

const kid = 'cluster-key';

/** A cluster whose workloads get tokens instead of secrets, as Kubernetes and GitHub Actions give them. */
export const workloadIssuer: FederatedCredential = {
  issuer: 'https://cluster.contoso.example',
  subject: 'system:serviceaccount:shop:deploy',
  jwks: { keys: [{ ...createPublicKey(clientCertificate.cert).export({ format: 'jwk' }), kid, use: 'sig' }] },
};

/** SHA-256 of the client's certificate, in the form that MSAL takes. */
export const thumbprint = createHash('sha256')
  .update(new X509Certificate(clientCertificate.cert).raw)
  .digest('hex');

/** The token that the cluster gives its workload. */
export function workloadToken(subject = workloadIssuer.subject): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const text = `${part({ alg: 'RS256', typ: 'JWT', kid })}.${part({
    iss: workloadIssuer.issuer,
    sub: subject,
    aud: 'api://AzureADTokenExchange',
    iat: now,
    nbf: now,
    exp: now + 3600,
  })}`;
  return `${text}.${sign('sha256', Buffer.from(text), clientCertificate.key).toString('base64url')}`;
}
