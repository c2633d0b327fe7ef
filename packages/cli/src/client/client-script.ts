import type { FederatedSubject } from './federated-subject.js';

/** What a client is made from. */
export interface ClientPlan {
  readonly name: string;
  /** The API's application (client) ID or application ID URI. */
  readonly api: string;
  /** Application permissions, with their IDs where the code is known. */
  readonly permissions: readonly { readonly value: string; readonly id: string | undefined }[];
  /** `undefined` for a secret. */
  readonly federated: FederatedSubject | undefined;
  /** When a secret ends, in milliseconds since the epoch. */
  readonly secretEndsAt: number;
}

/** Text as one word of a shell (POSIX shell quoting). */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/**
 * The commands of `az` that make a client, for bash. Nothing runs before it is read. An application that has the name already is left
 * alone: `az ad app create` would change it (https://github.com/Azure/azure-cli/issues/30427).
 */
export function clientScript(plan: ClientPlan): string {
  const { name, api } = plan;
  return `#!/usr/bin/env bash
# Makes the client ${name.replace(/[^\x20-\x7e]/g, '?')} in Entra. Needs az, signed in as an administrator who may consent for the tenant.
set -euo pipefail

# 1. The client, and its service principal. az would change an application that has the name already.
existing=$(az ad app list --filter ${quoted(`displayName eq '${name}'`)} --query '[].appId' --output tsv)
test -z "$existing" || { echo ${quoted(`There is an application with the name ${name} already:`)} "$existing." >&2; exit 1; }
client_id=$(az ad app create --display-name ${quoted(name)} --sign-in-audience AzureADMyOrg --query appId --output tsv)
echo "Client ID: $client_id"
echo "To undo it: az ad app delete --id $client_id"
az ad sp create --id "$client_id" --output none

# 2. ${plan.federated === undefined ? 'A secret, for 90 days. It is printed once: put it into a vault.' : 'What it proves itself by: no secret.'}
${proof(plan)}

# 3. The permissions of the API.
api=$(az ad app show --id ${quoted(api)} --query appId --output tsv)
${plan.permissions.map(permission).join('\n')}

# 4. Consent for the tenant. Entra refuses it for some seconds, until all of it knows the client.
consented=
for pause in 5 10 20 40 0; do
  if az ad app permission admin-consent --id "$client_id"; then consented=yes; break; fi
  sleep "$pause"
done
test -n "$consented" || { echo "There is no consent. Try it later: az ad app permission admin-consent --id $client_id" >&2; exit 1; }

# 5. Its owners. Where none is named, add one: az ad app owner add --id <client ID> --owner-object-id <object ID>
az ad app owner list --id "$client_id" --query '[].userPrincipalName' --output tsv
`;
}

function proof({ federated, name, secretEndsAt }: ClientPlan): string {
  if (federated === undefined) {
    return `az ad app credential reset --id "$client_id" --append --display-name ${quoted(name)} --end-date ${new Date(secretEndsAt).toISOString().slice(0, 10)} --query password --output tsv`;
  }
  const parameters = {
    name: federatedName(federated.subject),
    issuer: federated.issuer,
    subject: federated.subject,
    audiences: ['api://AzureADTokenExchange'],
  };
  return `az ad app federated-credential create --id "$client_id" --output none --parameters ${quoted(JSON.stringify(parameters))}`;
}

/** 3 to 120 letters, digits and '-' (Microsoft Graph: federatedIdentityCredential). */
function federatedName(subject: string): string {
  return subject
    .replace(/[^A-Za-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 120);
}

function permission({ value, id }: ClientPlan['permissions'][number]): string {
  const found =
    id === undefined
      ? `role=$(az ad app show --id "$api" --query ${quoted(`appRoles[?value=='${value}' && isEnabled && contains(allowedMemberTypes, 'Application')] | [0].id`)} --output tsv)
test -n "$role" || { echo ${quoted(`The API has no application permission ${value}.`)} >&2; exit 1; }`
      : `role=${quoted(id)}`;
  return `${found}
az ad app permission add --id "$client_id" --api "$api" --api-permissions "$role=Role"`;
}
