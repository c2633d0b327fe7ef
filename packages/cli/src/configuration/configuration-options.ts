import {
  type Cloud,
  ConfigurationError,
  type Duration,
  type EntraOptions,
  optionsFromEnv,
} from '@entra-guard/core';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { Host } from '../host.js';
import { collect } from './collect.js';

/** What flags say of an API and its authority. */
export interface ConfigurationFlags {
  readonly tenant?: string;
  readonly tenants?: 'any-organization' | readonly string[];
  readonly authority?: string;
  readonly client?: string;
  readonly appIdUri?: string;
  readonly audience?: readonly string[];
  readonly cloud?: Cloud;
  readonly policy?: readonly string[];
  readonly customSigningKeys?: true;
  readonly clockTolerance?: Duration;
}

/** The flags of every command that needs to know which API, and which authority. */
export function withConfiguration(command: Command): Command {
  return command
    .option('--tenant <id>', 'the tenant: its GUID, or a verified domain')
    .option('--tenants <ids>', 'several tenants: GUIDs with commas between, or any-organization', readTenants)
    .option('--authority <url>', 'for B2C, External ID, a custom domain or a local Entra: its URL')
    .option('--client <id>', "the API's application (client) ID")
    .option('--app-id-uri <uri>', "the API's application ID URI (default: api://{client})")
    .option('--audience <audience>', 'one more accepted audience; may be repeated', collect)
    .addOption(new Option('--cloud <name>', 'the national cloud').choices(Object.keys(CLOUDS)))
    .option('--policy <name>', 'a B2C policy; may be repeated', collect)
    .option('--custom-signing-keys', "the API's registration has signing keys of its own")
    .option('--clock-tolerance <duration>', 'tolerated clock difference (default: 1m)', readDuration);
}

/** For `--help`. */
export const CONFIGURATION_HELP = `Tenant and client ID are taken from ENTRA_GUARD_TENANT_ID and ENTRA_GUARD_CLIENT_ID, or else from AZURE_TENANT_ID and
AZURE_CLIENT_ID, where no flag says them. ENTRA_GUARD_AUTHORITY takes the place of the tenant. The application ID URI is taken
from ENTRA_GUARD_APPLICATION_ID_URI, unless a flag says it or the client ID.`;

/**
 * The options of the API. The core judges them when it is given them.
 *
 * @throws ConfigurationError where neither flags nor environment say which tenant and client
 */
export function readConfiguration(flags: ConfigurationFlags, env: Host['env']): EntraOptions {
  const { tenant, tenants, authority, client } = flags;
  const said = [tenant, tenants, authority].filter((one) => one !== undefined);
  // Only what the flags leave open is asked of the environment. Its application ID URI belongs to its client ID.
  const found = fromEnvironment({
    ...env,
    ...(client === undefined
      ? {}
      : { ENTRA_GUARD_CLIENT_ID: client, ENTRA_GUARD_APPLICATION_ID_URI: undefined }),
    ...(said.length === 0
      ? {}
      : { ENTRA_GUARD_TENANT_ID: 'said by a flag', ENTRA_GUARD_AUTHORITY: undefined }),
  });
  const given = {
    tenantId: said.length === 0 ? found.tenantId : tenant,
    tenants,
    authority: said.length === 0 ? found.authority : authority,
    clientId: found.clientId,
    applicationIdUri: flags.appIdUri ?? found.applicationIdUri,
    audience: flags.audience,
    cloud: flags.cloud,
    policies: flags.policy,
    customSigningKeys: flags.customSigningKeys,
    clockTolerance: flags.clockTolerance,
  };
  // More than one of the first three is for the core to refuse.
  return Object.fromEntries(
    Object.entries(given).filter(([, value]) => value !== undefined),
  ) as unknown as EntraOptions;
}

/** Whether neither flags nor ENTRA_GUARD_ variables name an API. */
export function saysNothing(flags: ConfigurationFlags, env: Host['env']): boolean {
  const said = OF_AN_API.some((name) => flags[name] !== undefined);
  return !said && !OWN_VARIABLES.some((name) => (env[name] ?? '').trim() !== '');
}

const OF_AN_API: readonly (keyof ConfigurationFlags)[] = [
  'tenant',
  'tenants',
  'authority',
  'client',
  'appIdUri',
  'audience',
  'cloud',
  'policy',
  'customSigningKeys',
];

const OWN_VARIABLES = [
  'ENTRA_GUARD_TENANT_ID',
  'ENTRA_GUARD_CLIENT_ID',
  'ENTRA_GUARD_AUTHORITY',
  'ENTRA_GUARD_APPLICATION_ID_URI',
];

function fromEnvironment(env: Host['env']): ReturnType<typeof optionsFromEnv> {
  try {
    return optionsFromEnv(env);
  } catch (error) {
    if (!ConfigurationError.is(error)) throw error;
    // Here options are flags.
    throw new ConfigurationError(
      error.problem,
      error.hint.replace('or pass options', 'or say --tenant and --client'),
    );
  }
}

function readTenants(value: string): 'any-organization' | readonly string[] {
  return value === 'any-organization' ? value : value.split(',').map((one) => one.trim());
}

/** Each national cloud that the core knows. */
const CLOUDS: Readonly<Record<Cloud, true>> = { public: true, usgov: true, china: true };

function readDuration(value: string): Duration {
  if (/^[0-9]{1,6}$/.test(value)) return Number(value);
  if (/^[0-9]{1,6}[smhd]$/.test(value)) return value as Duration;
  throw new InvalidArgumentError('It is a whole number of seconds, or one with its unit: 90s, 5m.');
}
