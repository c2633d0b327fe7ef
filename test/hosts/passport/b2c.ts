import type { IBearerStrategyOption } from '@entra-guard/passport';
import type { InProcessEntra, IssuedToken } from '@entra-guard/testing';

export const POLICY = 'B2C_1_SignIn';

/** Makes a B2C tenant with the keys of a local Entra, which has no B2C tenants. */
export function b2c(entra: InProcessEntra): {
  readonly options: IBearerStrategyOption;
  /** `identityMetadata` with the policy in its path. */
  readonly inPath: string;
  readonly token: (changes?: object) => IssuedToken;
} {
  const { clientId } = entra.options();
  const { tenantId } = entra;
  const fetchFromB2c: typeof globalThis.fetch = async (input, init) => {
    const url = new URL(String(input));
    const policy = url.searchParams.get('p') ?? url.pathname.split('/').find((part) => /^b2c_1/i.test(part));
    if (policy === undefined || !url.pathname.endsWith('/openid-configuration'))
      return entra.fetch(input, init);
    return Response.json({
      issuer: `${url.origin}/${tenantId}/v2.0/`,
      jwks_uri: `https://login.microsoftonline.com/${tenantId}/discovery/keys`,
    });
  };
  const base = 'https://contoso.b2clogin.com/contoso.onmicrosoft.com';
  return {
    options: {
      identityMetadata: `${base}/v2.0/.well-known/openid-configuration`,
      clientID: clientId,
      isB2C: true,
      policyName: POLICY,
      fetch: fetchFromB2c,
      log: false,
    },
    inPath: `${base}/${POLICY}/v2.0/.well-known/openid-configuration`,
    token: (changes = {}) => {
      const { tid: _tid, ...claims } = entra.user('ada', { scp: 'Orders.Read' }).claims;
      const iss = `https://contoso.b2clogin.com/${tenantId}/v2.0/`;
      return entra.sign({ ...claims, iss, tfp: POLICY, ...changes });
    },
  };
}
