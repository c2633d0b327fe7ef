// @azure/msal-node, configured as its guide says for an authority that Microsoft does not know.
import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from '@azure/msal-node';
import { answer } from './answer.mjs';

answer(async ({ origin, tenantId, clients, certificate, scopes, redirectUri, incoming }) => {
  const common = { authority: `${origin}/${tenantId}`, knownAuthorities: [new URL(origin).host] };
  const appOnly = { scopes: [`${scopes.api}/.default`] };
  const tokens = {};

  const bySecret = new ConfidentialClientApplication({
    auth: { ...common, clientId: clients.web, clientSecret: 'web-secret' },
  });
  tokens.secret = await bySecret.acquireTokenByClientCredential(appOnly);

  const byCertificate = new ConfidentialClientApplication({
    auth: { ...common, clientId: clients.job, clientCertificate: certificate },
  });
  tokens.certificate = await byCertificate.acquireTokenByClientCredential(appOnly);

  const asked = [];
  const byAssertion = new ConfidentialClientApplication({
    auth: {
      ...common,
      clientId: clients.deploy,
      clientAssertion: async ({ clientId, tokenEndpoint }) => {
        asked.push({ clientId, tokenEndpoint });
        return incoming.workload;
      },
    },
  });
  tokens.assertion = await byAssertion.acquireTokenByClientCredential(appOnly);

  const pkce = await new CryptoProvider().generatePkceCodes();
  const request = { scopes: [scopes.orders], redirectUri };
  const url = await bySecret.getAuthCodeUrl({
    ...request,
    codeChallenge: pkce.challenge,
    codeChallengeMethod: 'S256',
    loginHint: 'ada',
  });
  const redirect = await fetch(url, { redirect: 'manual' });
  const code = new URL(redirect.headers.get('location')).searchParams.get('code');
  tokens.code = await bySecret.acquireTokenByCode({ ...request, code, codeVerifier: pkce.verifier });
  const { account } = tokens.code;
  tokens.cached = await bySecret.acquireTokenSilent({ scopes: [scopes.orders], account });
  tokens.silent = await bySecret.acquireTokenSilent({ scopes: [scopes.orders], account, forceRefresh: true });

  const tool = new PublicClientApplication({ auth: { ...common, clientId: clients.tool } });
  tokens.device = await tool.acquireTokenByDeviceCode({
    scopes: [scopes.orders],
    deviceCodeCallback: ({ verificationUri, userCode }) =>
      void fetch(`${verificationUri}?user_code=${userCode}&login_hint=ada`),
  });

  const middle = new ConfidentialClientApplication({
    auth: { ...common, clientId: clients.orders, clientSecret: 'orders-secret' },
  });
  tokens.onBehalfOf = await middle.acquireTokenOnBehalfOf({
    oboAssertion: incoming.user,
    scopes: [scopes.stock],
  });
  return { tokens, asked };
});
