import { STRIPPED_NAMES, STRIPPED_PREFIXES } from '../headers/stripped-headers.js';
import { corsAge, type Plan, type Site } from './site.js';
import { yamlOf } from './yaml-of.js';

const TYPE = 'type.googleapis.com/envoy';

/** The configuration of Envoy 1.30 and later: `envoy.yaml`. The service speaks the dialect `envoy-http`. */
export function envoyYaml(plan: Plan): string {
  return `# Made by \`entra-guard policy config envoy\`: envoy -c envoy.yaml. Every request is judged before it is passed on.
${yamlOf({
  static_resources: {
    listeners: [
      {
        name: 'entra_guard',
        address: socketAddress(plan.server.host, plan.server.port),
        filter_chains: [{ filters: [connectionManager(plan)] }],
      },
    ],
    clusters: [serviceCluster(plan), ...plan.sites.map(appCluster)],
  },
})}`;
}

function connectionManager(plan: Plan): object {
  return {
    name: 'envoy.filters.network.http_connection_manager',
    typed_config: {
      '@type': `${TYPE}.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager`,
      stat_prefix: 'entra_guard',
      use_remote_address: true,
      normalize_path: true,
      merge_slashes: true,
      path_with_escaped_slashes_action: 'REJECT_REQUEST',
      strip_any_host_port: true,
      upgrade_configs: [{ upgrade_type: 'websocket' }],
      common_http_protocol_options: { headers_with_underscores_action: 'REJECT_REQUEST' },
      route_config: {
        name: 'apps',
        virtual_hosts: plan.sites.map(virtualHost),
      },
      http_filters: [
        {
          name: 'envoy.filters.http.cors',
          typed_config: { '@type': `${TYPE}.extensions.filters.http.cors.v3.Cors` },
        },
        extAuthz(plan),
        {
          name: 'envoy.filters.http.router',
          typed_config: { '@type': `${TYPE}.extensions.filters.http.router.v3.Router` },
        },
      ],
    },
  };
}

function extAuthz({ service }: Plan): object {
  const exact = [
    'cookie',
    'origin',
    'traceparent',
    'x-method-override',
    'forwarded',
    ...STRIPPED_NAMES.filter((name) => name !== 'forwarded'),
  ];
  // What begins so the service sees, to name it for removal or to refuse the request.
  const prefixes = [...STRIPPED_PREFIXES, 'x-http-method'];
  return {
    name: 'envoy.filters.http.ext_authz',
    typed_config: {
      '@type': `${TYPE}.extensions.filters.http.ext_authz.v3.ExtAuthz`,
      transport_api_version: 'V3',
      // Never open: not when the service is away, and not for any other status of it.
      failure_mode_allow: false,
      status_on_error: { code: 'ServiceUnavailable' },
      validate_mutations: true,
      allowed_headers: {
        patterns: [
          ...exact.map((name) => ({ exact: name, ignore_case: true })),
          ...prefixes.map((prefix) => ({ prefix, ignore_case: true })),
        ],
      },
      http_service: {
        server_uri: {
          uri: service.path === undefined ? `http://${service.host}:${service.port}` : 'http://entra-guard',
          cluster: 'entra_guard',
          timeout: '3s',
        },
        authorization_response: {
          allowed_upstream_headers: { patterns: [{ exact: 'x-entra-assertion' }, { exact: 'cookie' }] },
        },
      },
    },
  };
}

function virtualHost(site: Site): object {
  const { app } = site;
  return {
    name: app.name,
    domains: app.hosts,
    routes: [{ match: { prefix: '/' }, route: { cluster: clusterName(site), timeout: '60s' } }],
    ...(app.cors === undefined
      ? {}
      : { typed_per_filter_config: { 'envoy.filters.http.cors': corsOf(site) } }),
  };
}

function corsOf(site: Site): object {
  return {
    '@type': `${TYPE}.extensions.filters.http.cors.v3.CorsPolicy`,
    allow_origin_string_match: (site.app.cors?.origins ?? []).map((origin) => ({ exact: origin })),
    allow_methods: site.methods.join(', '),
    allow_headers: 'authorization, content-type',
    max_age: String(corsAge(site.app)),
  };
}

const clusterName = ({ app }: Site): string => `app_${app.name}`;

const socketAddress = (address: string, port: number): object => ({
  socket_address: { address, port_value: port },
});

function serviceCluster({ service }: Plan): object {
  const address =
    service.path === undefined ? socketAddress(service.host, service.port) : { pipe: { path: service.path } };
  return {
    name: 'entra_guard',
    type: 'STATIC',
    connect_timeout: '1s',
    load_assignment: {
      cluster_name: 'entra_guard',
      endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }],
    },
  };
}

function appCluster(site: Site): object {
  const { hostname, port, protocol } = site.upstream;
  const name = clusterName(site);
  const isTls = protocol === 'https:';
  const address = socketAddress(hostname, Number(port || (isTls ? 443 : 80)));
  return {
    name,
    type: 'STRICT_DNS',
    connect_timeout: '3s',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [{ endpoint: { address } }] }] },
    ...(isTls
      ? {
          transport_socket: {
            name: 'envoy.transport_sockets.tls',
            typed_config: {
              '@type': `${TYPE}.extensions.transport_sockets.tls.v3.UpstreamTlsContext`,
              sni: hostname,
              common_tls_context: {
                validation_context: {
                  trusted_ca: { filename: '/etc/ssl/certs/ca-certificates.crt' },
                  match_typed_subject_alt_names: [{ san_type: 'DNS', matcher: { exact: hostname } }],
                },
              },
            },
          },
        }
      : {}),
  };
}
