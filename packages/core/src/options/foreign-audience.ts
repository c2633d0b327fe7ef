import { ConfigurationError } from '../base/errors.js';
import { printable } from '../base/printable.js';

/** The form of the IDs of Microsoft's applications, in every tenant (Entra: first-party applications in sign-in reports). */
const RESERVED_ID = /^000000[0-9a-f]{2}-0000-0(?:000-c0|ff1-ce)00-000000000000$/;

const APPLICATIONS: Readonly<Record<string, string>> = {
  '00000003-0000-0000-c000-000000000000': 'Microsoft Graph',
  '00000002-0000-0000-c000-000000000000': 'Azure AD Graph',
  '00000003-0000-0ff1-ce00-000000000000': 'SharePoint',
  '00000002-0000-0ff1-ce00-000000000000': 'Exchange',
  '797f4846-ba00-4fd7-ba43-dac1f8f63013': 'Azure Resource Manager',
  'cfa8b339-82a2-471a-a3c9-0fc0be7a4093': 'Azure Key Vault',
  'e406a681-f3d4-42a8-90b6-c2b029497af1': 'Azure Storage',
  '022907d3-0f1b-48f7-badc-1ba6abab6d66': 'Azure SQL Database',
  '499b84ac-1321-427f-aa17-267ca6975798': 'Azure DevOps',
  'c5393580-f805-4401-95e8-94b7a6ef2fc2': 'Office 365 Management',
  'cc15fd57-2c6c-4117-a88c-83b1d56b4bbe': 'Microsoft Teams',
  '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d': 'Azure Databricks',
  'ca7f3f0b-7d91-482c-8e09-c5d840d0eac5': 'Azure Monitor Logs',
};

/** Hosts of Microsoft's APIs in all clouds, including their subdomains. */
const HOSTS: Readonly<Record<string, readonly string[]>> = {
  'Microsoft Graph': [
    'graph.microsoft.com',
    'graph.microsoft.us',
    'dod-graph.microsoft.us',
    'graph.microsoft.de',
    'microsoftgraph.chinacloudapi.cn',
  ],
  'Azure AD Graph': ['graph.windows.net', 'graph.microsoftazure.us', 'graph.chinacloudapi.cn'],
  'Azure Resource Manager': [
    'management.azure.com',
    'management.core.windows.net',
    'management.usgovcloudapi.net',
    'management.core.usgovcloudapi.net',
    'management.chinacloudapi.cn',
    'management.core.chinacloudapi.cn',
  ],
  'Azure Key Vault': ['vault.azure.net', 'vault.usgovcloudapi.net', 'vault.azure.cn', 'managedhsm.azure.net'],
  'Azure Storage': ['storage.azure.com', 'blob.core.windows.net', 'queue.core.windows.net'],
  'Azure SQL Database': ['database.windows.net', 'database.usgovcloudapi.net', 'database.chinacloudapi.cn'],
  'Exchange or Office 365': [
    'outlook.office.com',
    'outlook.office365.com',
    'manage.office.com',
    'substrate.office.com',
  ],
  SharePoint: ['sharepoint.com', 'sharepoint.us', 'sharepoint.cn'],
  'an Azure service': [
    'servicebus.azure.net',
    'eventhubs.azure.net',
    'cosmos.azure.com',
    'documents.azure.com',
    'cognitiveservices.azure.com',
    'ai.azure.com',
    'search.azure.com',
    'batch.core.windows.net',
    'api.loganalytics.io',
    'monitor.azure.com',
    'azconfig.io',
  ],
  'Power BI': ['analysis.windows.net', 'api.powerbi.com'],
  'Azure DevOps': ['app.vssps.visualstudio.com', 'dev.azure.com'],
  'Entra itself': [
    'login.microsoftonline.com',
    'login.microsoftonline.us',
    'login.windows.net',
    'sts.windows.net',
  ],
};

/** Returns the name of Microsoft's API that an audience belongs to; `undefined` if it may be the application's. */
function ownerOf(audience: string): string | undefined {
  const bare = audience
    .trim()
    .toLowerCase()
    .replace(/^(?:spn|api):(?:\/\/)?/, '');
  const id = bare.split('/')[0] as string;
  if (Object.hasOwn(APPLICATIONS, id)) return APPLICATIONS[id];
  if (RESERVED_ID.test(id)) return 'an application of Microsoft';
  if (id === 'azureadtokenexchange')
    return 'workload identity federation, whose assertions are not access tokens';
  const host = URL.canParse(bare) ? new URL(bare).hostname : id;
  const entry = Object.entries(HOSTS).find(([, hosts]) =>
    hosts.some((one) => host === one || host.endsWith(`.${one}`)),
  );
  return entry?.[0];
}

/** `/`, `api://` or `https://`, which name no API. */
const NAMELESS = /^(?:[a-z][a-z0-9+.-]*:)?\/*$/i;

/** What a template makes of an unset environment variable: `api://undefined`. */
const UNSET = /^(?:[a-z][a-z0-9+.-]*:\/*)?(?:undefined|null)(?:\/.*)?$/i;

/**
 * Throws if an audience belongs to another API. Every client of Microsoft's APIs holds tokens for them, which are not
 * meant for this API: accepting those would let all these clients act for their users here.
 *
 * @param option the option's name
 * @throws ConfigurationError
 */
export function assertOwnAudience(option: string, audience: string): void {
  if (NAMELESS.test(audience) || UNSET.test(audience.trim())) {
    throw new ConfigurationError(
      `${option} holds '${printable(audience)}', which names no API.`,
      "Name each accepted audience in full: 'https://api.contoso.com'. Is an environment variable unset?",
    );
  }
  const owner = ownerOf(audience);
  if (owner === undefined) return;
  throw new ConfigurationError(
    `${option} holds '${printable(audience)}', the audience of ${owner}: tokens for it are not meant for this API, and many other clients hold them.`,
    'Have clients ask for a scope of this API, api://{clientId}/{scope}, and remove this audience. To call that API yourself, use the on-behalf-of flow.',
  );
}
