import { ConfigurationError } from '@entra-guard/core';
import type { Policy, PolicyApp } from '../policy/policy.js';

/**
 * For whom the assertions of each application are: its `audience`, or else its origin, `https://` and its first host. Not from the
 * request: what a client writes into `Host` changes no audience.
 *
 * @returns by the application's name; applications with `identity: none` are left out
 * @throws ConfigurationError for an application without an audience whose first host is a wildcard
 */
export function audiencesOf(policy: Policy): ReadonlyMap<string, string> {
  const told = policy.apps.filter(({ identity }) => identity === 'assertion');
  return new Map(told.map((app) => [app.name, app.audience ?? originOf(app, policy.publicOrigin)]));
}

function originOf({ name, hosts: [host = ''] }: PolicyApp, publicOrigin: string | undefined): string {
  if (host.startsWith('*.')) {
    throw new ConfigurationError(
      `apps.${name} has no audience, and its first host is ${host}, which makes no origin.`,
      `Name what its assertions are for: apps.${name}.audience.`,
    );
  }
  const isPublic = publicOrigin !== undefined && new URL(publicOrigin).hostname === host;
  return isPublic ? publicOrigin : `https://${host}`;
}
