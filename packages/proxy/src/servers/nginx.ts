import { LISTED_HEADERS } from '../headers/listed-headers.js';
import type { Plan, Site } from './site.js';
import { corsAge, hostAndPort } from './site.js';

/** The configuration of nginx 1.22 and later: a whole `nginx.conf`. */
export function nginxConf({ service, server, sites }: Plan): string {
  const address =
    service.path === undefined ? `${bracketed(service.host)}:${service.port}` : `unix:${service.path}`;
  return `# Made by \`entra-guard policy config nginx\`. Every request is judged before it is passed on.
worker_processes auto;
events {}

http {
  # A header with "_" is dropped: some applications read it as one with "-".
  underscores_in_headers off;
  ignore_invalid_headers on;
  merge_slashes off;
  server_tokens off;
  access_log off;

  # What a client names in Connection belongs to its own connection, and nginx does not remove it.
  map $http_connection $entra_foreign_connection {
    default 1;
    "" 0;
    "~*^[ \\t]*(?:close|keep-alive|upgrade|te|http2-settings|x-entra-[a-z-]+)(?:[ \\t]*,[ \\t]*(?:close|keep-alive|upgrade|te|http2-settings|x-entra-[a-z-]+))*[ \\t]*$" 0;
  }
  # Only WebSocket: an upgrade to HTTP/2 would carry requests that are not judged.
  map $http_upgrade $entra_upgrade { default ""; "~*^websocket$" websocket; }
  map $entra_upgrade $entra_connection { default ""; websocket upgrade; }
${sites
  .filter(({ app }) => app.cors)
  .map(preflightMap)
  .join('')}
  upstream entra_guard { server ${address}; keepalive 32; }
${sites.map(upstreamOf).join('')}
  # Hosts of no application.
  server {
    listen ${bracketed(server.host)}:${server.port} default_server;
    server_name _;
    return 404;
  }
${sites.map((site) => serverOf(site, server)).join('')}}
`;
}

const bracketed = (host: string): string => (host.includes(':') ? `[${host}]` : host);

/** The name of an application in names of nginx. */
const named = ({ app }: Site): string => `app_${app.name.replaceAll('-', '_')}`;

function upstreamOf(site: Site): string {
  return `  upstream ${named(site)} { server ${hostAndPort(site.upstream)}; keepalive 32; }\n`;
}

function preflightMap(site: Site): string {
  const origins = (site.app.cors?.origins ?? []).map((origin) => `    "${origin}" "${origin}";\n`).join('');
  return `  map $http_origin $${named(site)}_origin {
    default "";
${origins}  }
  map "$request_method:$http_access_control_request_method:$${named(site)}_origin" $${named(site)}_preflight {
    default 0;
    "~^OPTIONS:.+:.+$" 1;
  }
`;
}

/** What the decision service is told: in place of what clients send. */
const FACTS = `      proxy_set_header Content-Length "";
      proxy_set_header Transfer-Encoding "";
      proxy_set_header Connection "";
      proxy_set_header Upgrade "";
      proxy_set_header X-Entra-Assertion "";
      proxy_set_header X-Forwarded-Uri $request_uri;
      proxy_set_header X-Forwarded-Method $request_method;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_http_version 1.1;
      proxy_connect_timeout 1s;
      proxy_send_timeout 3s;
      proxy_read_timeout 3s;
      proxy_next_upstream off;
      proxy_buffer_size 32k;
      proxy_buffers 4 32k;
      proxy_busy_buffers_size 64k;
`;

function serverOf(site: Site, server: Plan['server']): string {
  const { app, upstream } = site;
  const removed = LISTED_HEADERS.filter((name) => name !== 'x-entra-assertion').map(
    (name) => `      proxy_set_header ${name} "";\n`,
  );
  const assertion = app.identity === 'assertion' ? '$entra_assertion' : '""';
  return `
  server {
    listen ${bracketed(server.host)}:${server.port};
    server_name ${app.hosts.join(' ')};

    recursive_error_pages on;

    # The host that chose this application is the one that is judged, and the target is a path.
    set $entra_hosts "$host|$http_host";
    if ($entra_hosts !~* "^([^|]+)\\|\\1\\.?(:[0-9]+)?$") { return 400; }
    if ($request !~ "^[^ ]+ /") { return 400; }
    if ($entra_foreign_connection) { return 400; }
${app.cors === undefined ? '' : preflightAnswer(site)}
    location = /_entra_check {
      internal;
      proxy_pass http://entra_guard/check;
${FACTS}    }

    # The answer that the client gets: auth_request knows 401 and 403 only.
    location @entra_refused {
      internal;
      error_page 500 502 504 = @entra_unknown;
      rewrite ^ /refusal break;
      proxy_pass http://entra_guard;
${FACTS}    }

    location @entra_unknown {
      internal;
      default_type application/problem+json;
      add_header Retry-After 5 always;
      add_header Cache-Control no-store always;
      return 503 '{"title":"Service Unavailable","status":503,"detail":"It can not be decided at the moment."}';
    }

    location / {
      auth_request /_entra_check;
      auth_request_set $entra_assertion $upstream_http_x_entra_assertion;
      auth_request_set $entra_cookie $upstream_http_x_entra_cookie;
      error_page 401 403 500 = @entra_refused;

${removed.join('')}      proxy_set_header X-Entra-Assertion ${assertion};
      proxy_set_header Cookie $entra_cookie;
${app.passToken ? '' : '      proxy_set_header Authorization "";\n'}      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $remote_addr;
      proxy_set_header X-Forwarded-Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header X-Forwarded-Port $server_port;
      proxy_set_header Upgrade $entra_upgrade;
      proxy_set_header Connection $entra_connection;
      proxy_set_header TE "";
      proxy_set_header Proxy-Connection "";
      proxy_set_header Keep-Alive "";
      proxy_http_version 1.1;
      proxy_request_buffering off;
      # It would take a request elsewhere after it was judged.
      proxy_ignore_headers X-Accel-Redirect;
      proxy_buffering off;
      # Without a path: what was judged is what is sent.
      proxy_pass ${upstream.protocol}//${named(site)};
${upstream.protocol === 'https:' ? TLS(upstream.hostname) : ''}    }
  }
`;
}

const TLS = (name: string): string => `      proxy_ssl_verify on;
      proxy_ssl_name ${name};
      proxy_ssl_server_name on;
      proxy_ssl_trusted_certificate /etc/ssl/certs/ca-certificates.crt;
`;

function preflightAnswer(site: Site): string {
  const name = named(site);
  return `
    # Preflights of pages (Fetch standard, section 3.2.2) are answered here; none reaches the application.
    error_page 418 = @entra_preflight;
    if ($${name}_preflight) { return 418; }
    location @entra_preflight {
      internal;
      add_header Access-Control-Allow-Origin $${name}_origin always;
      add_header Access-Control-Allow-Methods "${site.methods.join(', ')}" always;
      add_header Access-Control-Allow-Headers $http_access_control_request_headers always;
      add_header Access-Control-Max-Age ${corsAge(site.app)} always;
      add_header Vary Origin always;
      return 204;
    }
`;
}
