import { COOKIE_PREFIX } from '../headers/session-cookie.js';
import { FORWARDED_NAMES, STRIPPED_NAMES, STRIPPED_PREFIXES } from '../headers/stripped-headers.js';
import { corsAge, type Plan, type Site } from './site.js';

/** The configuration of Caddy 2.6 and later: a `Caddyfile`. */
export function caddyfile({ service, server, sites }: Plan): string {
  const host = service.path === undefined && service.host.includes(':') ? `[${service.host}]` : service.host;
  const address = service.path === undefined ? `${host}:${service.port}` : `unix/${service.path}`;
  return `# Made by \`entra-guard policy config caddy\`. Every request is judged before it is passed on.
{
  admin off
  auto_https off
}

# Who calls, and what was asked for, no client says; also not in names with "_".
(entra_strip) {
${[...removed].map((name) => `  request_header -${name}\n`).join('')}}

# Asks about a request, with its own method and target. What is not a 2xx is the client's answer.
(entra_guard) {
  reverse_proxy ${address} {
    method GET
    # Without the query, which X-Forwarded-Uri has.
    rewrite /check?
    header_up X-Forwarded-Method {http.request.orig_method}
    header_up X-Forwarded-Uri {http.request.orig_uri}
    header_up -X-Forwarded-Port
    header_up -Upgrade
    header_up -Connection
    transport http {
      dial_timeout 1s
      response_header_timeout 3s
      read_timeout 3s
      write_timeout 3s
    }
    @entra_allowed status 200
    handle_response @entra_allowed {
      vars {
        entra_allowed yes
        entra_assertion {http.reverse_proxy.header.X-Entra-Assertion}
      }
    }
  }
}

http://:${server.port} {
  bind ${server.host}
  respond 404
}
${sites.map((site) => siteBlock(site, server)).join('')}`;
}

/** All spellings of a name or prefix: each of its dashes may be "_". */
function spellings(name: string): readonly string[] {
  const [first = '', ...others] = name.split('-');
  return others.reduce<readonly string[]>(
    (texts, part) => texts.flatMap((text) => [`${text}-${part}`, `${text}_${part}`]),
    [first],
  );
}

const removed: ReadonlySet<string> = new Set([
  ...STRIPPED_PREFIXES.flatMap((prefix) => spellings(prefix).map((text) => `${text}*`)),
  ...STRIPPED_NAMES.flatMap(spellings),
  ...FORWARDED_NAMES.flatMap(spellings),
]);

function siteBlock(site: Site, { host: bind, port }: Plan['server']): string {
  const { app, upstream } = site;
  const hosts = app.hosts.map((host) => `http://${host}:${port}`).join(', ');
  return `
${hosts} {
  bind ${bind}
  route {
${app.cors === undefined ? '' : preflight(site)}    import entra_strip
    import entra_guard
    # $9 is nothing.
    @entra_cookie header_regexp Cookie ${COOKIE_PREFIX}
    request_header @entra_cookie Cookie "${COOKIE_PREFIX}[^;]*(?:;[ ]*|$)" $9
${app.passToken ? '' : '    request_header -Authorization\n'}    request_header X-Forwarded-Port ${port}
    @entra_upgrade {
      header Upgrade *
      not header Upgrade websocket
    }
    request_header @entra_upgrade -Upgrade
    reverse_proxy ${upstream.origin} {
      # After Caddy has removed what Connection names.
      header_up ${app.identity === 'assertion' ? 'X-Entra-Assertion {http.vars.entra_assertion}' : '-X-Entra-Assertion'}
      flush_interval -1
    }
  }
  # The service did not answer: it can't be known.
  handle_errors {
    @entra_unknown expression {http.vars.entra_allowed} != "yes"
    handle @entra_unknown {
      header Retry-After 5
      header Cache-Control no-store
      respond 503
    }
    handle {
      respond {http.error.status_code}
    }
  }
}
`;
}

function preflight(site: Site): string {
  const origins = (site.app.cors?.origins ?? []).map((origin) => `      header Origin ${origin}\n`).join('');
  return `    # Preflights of pages (Fetch standard, section 3.2.2) are answered here; none reaches the application.
    @entra_preflight {
      method OPTIONS
      header Access-Control-Request-Method *
${origins}    }
    handle @entra_preflight {
      header Access-Control-Allow-Origin {http.request.header.Origin}
      header Access-Control-Allow-Methods "${site.methods.join(', ')}"
      header Access-Control-Allow-Headers {http.request.header.Access-Control-Request-Headers}
      header Access-Control-Max-Age ${corsAge(site.app)}
      header Vary Origin
      respond 204
    }
`;
}
