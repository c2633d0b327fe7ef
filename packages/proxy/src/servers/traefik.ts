import { ConfigurationError } from '@entra-guard/core';
import { LISTED_HEADERS } from '../headers/listed-headers.js';
import { corsAge, type Plan, type Site } from './site.js';
import { yamlOf } from './yaml-of.js';

/** The static configuration of Traefik 3: `traefik.yaml`. */
export function traefikStatic({ server }: Plan): string {
  return `# Made by \`entra-guard policy config traefik\`: traefik --configFile=traefik.yaml
${yamlOf({
  entryPoints: {
    web: {
      address: `${server.host}:${server.port}`,
      // Nothing that a client says in X-Forwarded-* is believed.
      forwardedHeaders: { insecure: false },
      http: {
        encodedCharacters: {
          allowEncodedSlash: false,
          allowEncodedBackSlash: false,
          allowEncodedNullCharacter: false,
          allowEncodedSemicolon: false,
          allowEncodedPercent: true,
          allowEncodedQuestionMark: false,
          allowEncodedHash: false,
        },
      },
    },
  },
  providers: { file: { filename: 'dynamic.yaml' } },
})}`;
}

/**
 * The dynamic configuration of Traefik 3: `dynamic.yaml`.
 *
 * @throws ConfigurationError for a service on a Unix socket
 */
export function traefikDynamic({ service, sites }: Plan): string {
  if (service.path !== undefined) {
    throw new ConfigurationError(
      'service is a Unix socket, which Traefik can not ask.',
      'Let the service listen on a port: 127.0.0.1:4180.',
    );
  }
  const removed = Object.fromEntries(
    LISTED_HEADERS.filter((name) => name !== 'x-entra-assertion').map((name) => [name, '']),
  );
  const cors = sites.filter(({ app }) => app.cors);
  const open = sites.filter(({ app }) => !app.passToken);
  return `# Made by \`entra-guard policy config traefik\`. Every request is judged before it is passed on.
${yamlOf({
  http: {
    middlewares: {
      'entra-strip': { headers: { customRequestHeaders: removed } },
      'entra-guard': {
        forwardAuth: {
          address: `http://${service.host}:${service.port}/check`,
          trustForwardHeader: false,
          authResponseHeaders: ['X-Entra-Assertion', 'Cookie'],
          maxResponseBodySize: 65_536,
        },
      },
      ...(open.length > 0
        ? { 'entra-no-token': { headers: { customRequestHeaders: { Authorization: '' } } } }
        : {}),
      ...Object.fromEntries(cors.map((site) => [corsName(site), corsOf(site)])),
    },
    routers: Object.fromEntries(sites.map((site) => [site.app.name, routerOf(site)])),
    services: Object.fromEntries(
      sites.map(({ app, upstream }) => [app.name, { loadBalancer: { servers: [{ url: upstream.origin }] } }]),
    ),
  },
})}`;
}

const corsName = ({ app }: Site): string => `entra-cors-${app.name}`;

function routerOf(site: Site): object {
  const { app } = site;
  return {
    rule: app.hosts.map(hostRule).join(' || '),
    entryPoints: ['web'],
    // In this order: preflights are answered, what clients forge is removed, the request is judged, the token is removed.
    middlewares: [
      ...(app.cors ? [corsName(site)] : []),
      'entra-strip',
      'entra-guard',
      ...(app.passToken ? [] : ['entra-no-token']),
    ],
    service: app.name,
  };
}

function hostRule(host: string): string {
  if (!host.startsWith('*.')) return `Host(\`${host}\`)`;
  return `HostRegexp(\`^[^.]+\\.${host.slice(2).replaceAll('.', '\\.')}$\`)`;
}

function corsOf(site: Site): object {
  return {
    headers: {
      accessControlAllowOriginList: site.app.cors?.origins ?? [],
      accessControlAllowMethods: site.methods,
      accessControlAllowHeaders: ['Authorization', 'Content-Type'],
      accessControlMaxAge: corsAge(site.app),
      addVaryHeader: true,
    },
  };
}
