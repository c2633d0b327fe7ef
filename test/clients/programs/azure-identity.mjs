// @azure/identity, unmodified: the newest that runs on this Node. Azure's variables come from the environment.
import { answer } from './answer.mjs';

const [line] = process.versions.node.split('.');
const identity = await import(Number(line) >= 22 ? '@azure/identity' : 'azure-identity-node20');

/** Ways to a token, by name. */
const ways = {
  'system-assigned': () => new identity.ManagedIdentityCredential(),
  'user-assigned': ({ identityId }) => new identity.ManagedIdentityCredential({ clientId: identityId }),
  'resource ID': ({ resourceId }) => new identity.ManagedIdentityCredential({ resourceId }),
  'object ID': ({ objectId }) => new identity.ManagedIdentityCredential({ objectId }),
  default: () => new identity.DefaultAzureCredential(),
  // Without it the library asks login.microsoftonline.com about every authority that it does not know.
  workload: () => new identity.WorkloadIdentityCredential({ disableInstanceDiscovery: true }),
  certificate: ({ tenantId, clientId, pem, options }) =>
    new identity.ClientCertificateCredential(tenantId, clientId, { certificate: pem }, options),
  secret: ({ tenantId, clientId, secret, options }) =>
    new identity.ClientSecretCredential(tenantId, clientId, secret, options),
  assertion: ({ tenantId, clientId, assertion, options }) =>
    new identity.ClientAssertionCredential(tenantId, clientId, async () => assertion, options),
  device: ({ tenantId, clientId, options }) =>
    new identity.DeviceCodeCredential({
      ...options,
      tenantId,
      clientId,
      userPromptCallback: ({ verificationUri, userCode }) =>
        void fetch(`${verificationUri}?user_code=${userCode}&login_hint=ada`),
    }),
  'on-behalf-of': ({ tenantId, clientId, secret, incoming, options }) =>
    new identity.OnBehalfOfCredential({
      ...options,
      tenantId,
      clientId,
      clientSecret: secret,
      userAssertionToken: incoming,
    }),
};

/** Tokens, or what was said instead, by the names of the requests. */
answer(async (requests) => {
  const answers = {};
  for (const [name, { way = name, scope, ...settings }] of Object.entries(requests)) {
    try {
      answers[name] = { token: (await ways[way](settings).getToken(scope)).token };
    } catch (error) {
      answers[name] = { refused: error.message };
    }
  }
  return answers;
});
