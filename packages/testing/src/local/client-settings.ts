import type { LocalReport, ReportedApi, ReportedClient } from './local-report.js';

/** Settings of one library, ready to copy. */
export interface ClientSettings {
  /** The library, and what the settings are for. */
  readonly title: string;
  readonly language: 'bash' | 'js';
  readonly text: string;
}

/**
 * Writes the settings by which entra-guard and usual clients reach a local Entra.
 *
 * @param certificate path of the certificate's file, if the local Entra uses TLS. Node's own variable makes a process trust it
 */
export function clientSettings(report: LocalReport, certificate?: string): readonly ClientSettings[] {
  const { apis, clients } = report;
  const api = apis[0];
  const confidential = clients.find(({ platform }) => platform === 'web');
  const page = clients.find(({ platform }) => platform === 'spa');
  return [
    ...(certificate === undefined ? [] : [trust(certificate)]),
    ...(api === undefined ? [] : [guard(report, api)]),
    ...(page === undefined ? [] : [msalBrowser(report, page)]),
    ...(confidential === undefined
      ? []
      : [msalNode(report, confidential), openidClient(report, confidential)]),
    azureIdentity(report, confidential),
  ];
}

function trust(certificate: string): ClientSettings {
  return {
    title: 'Every Node process that calls it, so that it trusts the certificate',
    language: 'bash',
    text: `NODE_EXTRA_CA_CERTS=${certificate}`,
  };
}

function guard({ authority }: LocalReport, api: ReportedApi): ClientSettings {
  const uri = `api://${api.clientId}`;
  const lines = [
    `ENTRA_GUARD_AUTHORITY=${authority}`,
    `ENTRA_GUARD_CLIENT_ID=${api.clientId}`,
    ...(api.applicationIdUri === uri ? [] : [`ENTRA_GUARD_APPLICATION_ID_URI=${api.applicationIdUri}`]),
  ];
  return { title: `entra-guard, the API ${api.name}`, language: 'bash', text: lines.join('\n') };
}

/**
 * MSAL's authority has to be https. Over http it is only a name: the metadata in the configuration has the real addresses.
 */
function msalAuth({ origin, tenantId }: LocalReport, client: ReportedClient): readonly string[] {
  const { host } = new URL(origin);
  const secret = client.secret === undefined ? [] : [`    clientSecret: ${quoted(client.secret)},`];
  const shared = [
    `    clientId: '${client.clientId}',`,
    ...secret,
    `    authority: 'https://${host}/${tenantId}',`,
    `    knownAuthorities: ['${host}'],`,
  ];
  return origin.startsWith('https:')
    ? shared
    : [
        ...shared,
        "    authorityMetadata: JSON.stringify({ ...metadata, issuer: metadata.issuer.replace('http:', 'https:') }),",
      ];
}

function msal(report: LocalReport, client: ReportedClient, make: string): string {
  const fetched = `const metadata = await (await fetch('${report.metadata}')).json();\n`;
  return [
    `${report.origin.startsWith('https:') ? '' : fetched}const msal = ${make}({`,
    '  auth: {',
    ...msalAuth(report, client),
    '  },',
    '});',
  ].join('\n');
}

function msalBrowser(report: LocalReport, client: ReportedClient): ClientSettings {
  const text = `${msal(report, client, 'new PublicClientApplication')}\nawait msal.initialize();`;
  return { title: `@azure/msal-browser, the client ${client.name}`, language: 'js', text };
}

function msalNode(report: LocalReport, client: ReportedClient): ClientSettings {
  const text = msal(report, client, 'new ConfidentialClientApplication');
  return { title: `@azure/msal-node, the client ${client.name}`, language: 'js', text };
}

function openidClient({ authority, origin }: LocalReport, client: ReportedClient): ClientSettings {
  const insecure = origin.startsWith('https:') ? '' : ', undefined, { execute: [allowInsecureRequests] }';
  const text = `const config = await discovery(new URL('${authority}'), '${client.clientId}', ${quoted(client.secret)}${insecure});`;
  return { title: `openid-client, the client ${client.name}`, language: 'js', text };
}

/** Other credentials than a managed identity need https. */
function azureIdentity(report: LocalReport, client: ReportedClient | undefined): ClientSettings {
  const { origin, tenantId } = report;
  if (!origin.startsWith('https:') || client === undefined) {
    return {
      title: '@azure/identity, a managed identity (its other credentials need --tls)',
      language: 'bash',
      text: `IDENTITY_ENDPOINT=${origin}/msi/token IDENTITY_HEADER=local`,
    };
  }
  return {
    title: `@azure/identity, the client ${client.name}`,
    language: 'js',
    text: [
      `const credential = new ClientSecretCredential('${tenantId}', '${client.clientId}', ${quoted(client.secret)}, {`,
      `  authorityHost: '${origin}',`,
      '  disableInstanceDiscovery: true,',
      '});',
    ].join('\n'),
  };
}

/** A literal of JavaScript. */
function quoted(text = ''): string {
  return /^[\w.~-]*$/.test(text) ? `'${text}'` : JSON.stringify(text);
}
