import { ConfigurationError, optionsFromEnv } from '@entra-guard/core';
import { BadInputError } from '../bad-input.js';
import type { Host } from '../host.js';
import { assertOneCaller, type TokenFlags } from './token-request.js';

/**
 * Client ID of the Azure CLI, in all tenants.
 * Source: https://learn.microsoft.com/troubleshoot/entra/entra-id/governance/verify-first-party-apps-sign-in
 */
export const AZURE_CLI = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';

/** How to get a token of a real tenant. */
export interface AzureCliSteps {
  /** The line that prints the token. */
  readonly line: string;
  /** What the app registration or the sign-in needs first. */
  readonly needs: readonly string[];
}

/**
 * Writes the line for the Azure CLI, and what has to be there for it.
 *
 * @throws BadInputError where the API is not named by its application ID URI or client ID, or where the Azure CLI can't
 */
export function azureCliSteps(flags: TokenFlags, env: Host['env']): AzureCliSteps {
  assertOneCaller(flags);
  if (flags.agent !== undefined) {
    throw new BadInputError(
      'The Azure CLI gets no tokens for agent identities.',
      'Use the blueprint of the agent: it asks the token endpoint with fmi_path.',
    );
  }
  const { uri, tenant } = target(flags, env);
  const scopes = flags.as === undefined ? [] : (flags.scope ?? []);
  const wanted =
    scopes.length === 0 ? [`${uri}/.default`] : scopes.map((scope) => `${uri}/${shortName(scope)}`);
  const line = [
    'az account get-access-token',
    ...(tenant === undefined ? [] : [`--tenant ${tenant}`]),
    `--scope ${wanted.join(' ')}`,
    '--query accessToken --output tsv',
  ].join(' ');
  return { line, needs: needsOf(flags, { uri, tenant, scopes: scopes.map(shortName), wanted }) };
}

interface Target {
  readonly uri: string;
  readonly tenant: string | undefined;
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** What a shell takes as it is. */
const PLAIN = /^[\w.:/@~-]+$/;

function target({ api, tenant, scope = [] }: TokenFlags, env: Host['env']): Target {
  const configured = api === undefined ? fromEnvironment(env) : undefined;
  const named = api ?? configured?.uri;
  const wanted = tenant ?? configured?.tenant;
  if (named === undefined || !(GUID.test(named) || named.includes('://'))) {
    throw new BadInputError(
      named === undefined ? 'Which API?' : `--api is ${named}, and a real tenant knows no such name.`,
      "Give the API's application ID URI or client ID: --api api://00001111-aaaa-2222-bbbb-3333cccc4444. Default: ENTRA_GUARD_CLIENT_ID.",
    );
  }
  const odd = [named, wanted ?? '-', ...scope].find((one) => !PLAIN.test(one));
  if (odd !== undefined) {
    throw new BadInputError(
      `${odd} has characters that no name of Entra has here.`,
      'Copy it from the app registration.',
    );
  }
  return { uri: named.replace(/\/+$/, ''), tenant: wanted };
}

/** The API that the environment configures, as the API's own start reads it. */
function fromEnvironment(env: Host['env']): { readonly uri: string; readonly tenant?: string } | undefined {
  try {
    const { clientId, applicationIdUri, tenantId } = optionsFromEnv(env);
    return {
      uri: applicationIdUri ?? clientId,
      ...(typeof tenantId === 'string' ? { tenant: tenantId } : {}),
    };
  } catch (error) {
    if (ConfigurationError.is(error)) return undefined;
    throw error;
  }
}

function shortName(scope: string): string {
  return scope.slice(scope.lastIndexOf('/') + 1);
}

interface Wanted extends Target {
  readonly scopes: readonly string[];
  readonly wanted: readonly string[];
}

function needsOf({ app, as }: TokenFlags, { uri, tenant, scopes, wanted }: Wanted): readonly string[] {
  const inTenant = tenant === undefined ? '' : ` --tenant ${tenant}`;
  if (as !== undefined) {
    const exposed = scopes.length === 0 ? 'the scopes that you need' : scopes.join(' and ');
    return [
      `The registration of ${uri} exposes ${exposed}: "Expose an API", "Add a scope".`,
      `It pre-authorizes the Azure CLI for them: "Expose an API", "Add a client application", ${AZURE_CLI}. In the manifest: api.preAuthorizedApplications, { "appId": "${AZURE_CLI}", "delegatedPermissionIds": [the IDs of the scopes] }.`,
      `You are signed in as that user: az login${inTenant} --scope ${wanted.join(' ')}`,
    ];
  }
  const login =
    app === undefined
      ? 'az login --identity, on a machine that has the managed identity. A user-assigned one: --client-id <its client ID>'
      : `az login --service-principal${tenant === undefined ? ' --tenant <tenant>' : inTenant} --username <client ID of ${app}> --certificate <file>`;
  return [
    `The registration of ${uri} has an app role with the member type Applications: "App roles".`,
    app === undefined
      ? 'The managed identity is assigned that role: POST /servicePrincipals/{object ID}/appRoleAssignments of Microsoft Graph.'
      : `${app} is granted it: "API permissions" of its registration, with admin consent.`,
    `You are signed in as it: ${login}`,
  ];
}
