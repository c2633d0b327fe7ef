import { ConfigurationError } from '@entra-guard/core';
import type { Policy } from '../policy/policy.js';
import { caddyfile } from './caddy.js';
import { envoyYaml } from './envoy.js';
import { haproxyCfg, haproxyLua } from './haproxy.js';
import { nginxConf } from './nginx.js';
import { type Plan, planOf, SERVERS, type ServerConfigurationOptions, type ServerName } from './site.js';
import { traefikDynamic, traefikStatic } from './traefik.js';

/** A file of a server's configuration. */
export interface ConfigurationFile {
  /** As the server names it: `nginx.conf`. */
  readonly name: string;
  readonly text: string;
}

const FILES_OF: Readonly<Record<ServerName, (plan: Plan) => readonly ConfigurationFile[]>> = {
  nginx: (plan) => [{ name: 'nginx.conf', text: nginxConf(plan) }],
  haproxy: (plan) => [
    { name: 'haproxy.cfg', text: haproxyCfg(plan) },
    { name: 'entra-guard.lua', text: haproxyLua(plan) },
  ],
  caddy: (plan) => [{ name: 'Caddyfile', text: caddyfile(plan) }],
  traefik: (plan) => [
    { name: 'traefik.yaml', text: traefikStatic(plan) },
    { name: 'dynamic.yaml', text: traefikDynamic(plan) },
  ],
  envoy: (plan) => [{ name: 'envoy.yaml', text: envoyYaml(plan) }],
};

/**
 * Returns the configuration of a server that asks a decision service about every request, and passes on what it allows: whole files,
 * with which the server starts. They listen without TLS: add it where clients are on other machines.
 *
 * @throws ConfigurationError for an unknown server, invalid options, and an application without an `upstream`
 */
export function serverConfiguration(
  policy: Policy,
  server: ServerName,
  options: ServerConfigurationOptions = {},
): readonly ConfigurationFile[] {
  if (!SERVERS.includes(server)) {
    throw new ConfigurationError(
      `There is no configuration for ${typeof server === 'string' ? `'${server.slice(0, 100)}'` : typeof server}.`,
      `Known: ${SERVERS.join(', ')}.`,
    );
  }
  return FILES_OF[server](planOf(policy, options));
}
