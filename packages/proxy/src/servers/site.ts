import { ConfigurationError, ownOptions, secondsOf } from '@entra-guard/core';
import type { Method } from '../policy/match/methods.js';
import type { Policy, PolicyApp } from '../policy/policy.js';
import { type Address, readAddress } from '../service/address.js';
import { assertKnown } from '../service/known-options.js';

/** The servers that configurations are printed for. */
export const SERVERS = ['nginx', 'haproxy', 'caddy', 'traefik', 'envoy'] as const;

/** A server that a configuration is printed for. */
export type ServerName = (typeof SERVERS)[number];

/** Options of {@link serverConfiguration}. */
export interface ServerConfigurationOptions {
  /** Where the decision service listens: `HOST:PORT` or `unix:PATH`. Default `127.0.0.1:4180`. */
  readonly service?: string;
  /** Where the server listens: `HOST:PORT`. Default `127.0.0.1:8080`. */
  readonly server?: string;
}

/** One application as a server sees it. */
export interface Site {
  readonly app: PolicyApp;
  readonly upstream: URL;
  /** The methods that its rules name, for preflights. */
  readonly methods: readonly string[];
}

/** All that a configuration is made from. */
export interface Plan {
  readonly service: Address;
  readonly server: { readonly host: string; readonly port: number };
  readonly sites: readonly Site[];
}

/**
 * Reads what a configuration is made from.
 *
 * @throws ConfigurationError for invalid options, and for an application without an upstream
 */
export function planOf(policy: Policy, given: ServerConfigurationOptions): Plan {
  const options = ownOptions('serverConfiguration(...)', given, ['service', 'server']);
  assertKnown('serverConfiguration(...)', options, ['service', 'server']);
  const service = readAddress('service', options.service ?? '127.0.0.1:4180');
  const server = readAddress('server', options.server ?? '127.0.0.1:8080');
  if (server.host === undefined) {
    throw new ConfigurationError('server is a Unix socket.', 'Name a port: 0.0.0.0:80.');
  }
  return { service, server, sites: policy.apps.map(siteOf) };
}

function siteOf(app: PolicyApp): Site {
  if (app.upstream === undefined) {
    throw new ConfigurationError(
      `apps.${app.name} has no upstream.`,
      `Say where the application is, for the server to send requests to: apps.${app.name}.upstream: http://127.0.0.1:8080.`,
    );
  }
  return { app, upstream: new URL(app.upstream), methods: methodsIn(app) };
}

/** `HOST:PORT` of an upstream, with the port of its scheme where it names none. */
export function hostAndPort({ hostname, port, protocol }: URL): string {
  return `${hostname}:${port || (protocol === 'https:' ? '443' : '80')}`;
}

/** The methods that an application's rules name, for preflights. */
export function methodsIn({ rules }: PolicyApp): readonly Method[] {
  return [...new Set(rules.flatMap(({ methods }) => methods))];
}

/** For how many seconds browsers keep the answer to a preflight: `cors.maxAge`, or else 600. */
export function corsAge(app: PolicyApp): number {
  return secondsOf(`apps.${app.name}.cors.maxAge`, app.cors?.maxAge, { standard: 600, least: 0 });
}
