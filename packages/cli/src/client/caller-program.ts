import type { FederatedSubject } from './federated-subject.js';

/** The lines of a program that calls the API as the new client. */
export function callerProgram(kind: FederatedSubject['kind'] | 'secret', api: string): string {
  const { imported, made } = CREDENTIALS[kind];
  return `import { ${imported.join(', ')} } from '@azure/identity';

const { TENANT_ID = '', CLIENT_ID = '', API_URL = '' } = process.env;
${made}
const { token } = await credential.getToken('${scopeOf(api)}');
const answer = await fetch(API_URL, { headers: { Authorization: \`Bearer \${token}\` } });
if (!answer.ok) throw new Error(\`\${answer.status}: \${await answer.text()}\`);
console.log(await answer.json());
`;
}

const scopeOf = (api: string): string => `${api.includes(':') ? api : `api://${api}`}/.default`;

const CREDENTIALS: Readonly<
  Record<FederatedSubject['kind'] | 'secret', { readonly imported: readonly string[]; readonly made: string }>
> = {
  github: {
    imported: ['ClientAssertionCredential'],
    made: `// The job needs: permissions: { id-token: write }
const assertion = async (): Promise<string> => {
  const url = \`\${process.env.ACTIONS_ID_TOKEN_REQUEST_URL}&audience=api://AzureADTokenExchange\`;
  const headers = { Authorization: \`bearer \${process.env.ACTIONS_ID_TOKEN_REQUEST_TOKEN}\` };
  return ((await (await fetch(url, { headers })).json()) as { value: string }).value;
};
const credential = new ClientAssertionCredential(TENANT_ID, CLIENT_ID, assertion);`,
  },
  kubernetes: {
    imported: ['WorkloadIdentityCredential'],
    made: `// The platform writes the token: AZURE_FEDERATED_TOKEN_FILE
const credential = new WorkloadIdentityCredential({ tenantId: TENANT_ID, clientId: CLIENT_ID });`,
  },
  'managed-identity': {
    imported: ['ClientAssertionCredential', 'ManagedIdentityCredential'],
    made: `const identity = new ManagedIdentityCredential({ clientId: process.env.IDENTITY_CLIENT_ID });
const assertion = async (): Promise<string> => (await identity.getToken('api://AzureADTokenExchange/.default')).token;
const credential = new ClientAssertionCredential(TENANT_ID, CLIENT_ID, assertion);`,
  },
  secret: {
    imported: ['ClientSecretCredential'],
    made: `// From a vault, and never from the repository.
const credential = new ClientSecretCredential(TENANT_ID, CLIENT_ID, process.env.CLIENT_SECRET ?? '');`,
  },
};
