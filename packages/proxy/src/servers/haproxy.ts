import { STRIPPED_NAMES, STRIPPED_PREFIXES } from '../headers/stripped-headers.js';
import { corsAge, hostAndPort, type Plan, type Site } from './site.js';

/** The configuration of HAProxy 2.6 and later: `haproxy.cfg`. It loads `entra-guard.lua`, which lies next to it. */
export function haproxyCfg({ server, sites }: Plan): string {
  return `# Made by \`entra-guard policy config haproxy\`. Every request is judged before it is passed on.
global
  default-path config
  lua-load entra-guard.lua
  # Cookies and an assertion at once.
  tune.bufsize 65536
  tune.maxrewrite 16384

defaults
  mode http
  timeout connect 3s
  timeout client 60s
  timeout server 60s
  timeout http-request 10s
  timeout http-keep-alive 60s
  timeout tunnel 1h

frontend entra_guard
  bind ${server.host.includes(':') ? `[${server.host}]` : server.host}:${server.port}
${sites.map(hostAcl).join('')}
  # The target is a path, and one host chooses the application and is judged.
  http-request deny deny_status 400 if !{ req.ver 2.0 } !{ url -m beg / }
  http-request deny deny_status 400 unless { req.fhdr_cnt(host) eq 1 }
  http-request deny deny_status 404 if ${sites.map((site) => `!${hostName(site)}`).join(' ')}
  http-request deny deny_status 400 if { req.fhdr_cnt(authorization) gt 1 }

  # What a client names in Connection ends here. HAProxy itself would send the list on.
  http-request lua.entra_connection
  http-request deny deny_status 400 if { var(txn.entra_unclear) -m bool }
  http-request del-header upgrade unless { req.hdr(upgrade) -m str -i websocket }
  http-request del-header ^(te|keep-alive|proxy-connection|http2-settings)$ -m reg

  # Who calls, and what was asked for, no client says; also not in names with "_".
${strippedPatterns.map((pattern) => `  http-request del-header ${pattern} -m reg\n`).join('')}
${sites
  .filter(({ app }) => app.cors)
  .map(preflight)
  .join('')}
  http-request lua.entra_guard
  http-request deny deny_status 503 unless { var(txn.entra_ok) -m bool }

${sites.map(tokenRule).join('')}  http-request set-header X-Entra-Assertion %[var(txn.entra_assertion)] if { var(txn.entra_assertion) -m found }
  http-request del-header cookie
  http-request set-header Cookie %[var(txn.entra_cookie)] if { var(txn.entra_cookie) -m found }
  http-request set-header X-Forwarded-For %[src]
  http-request set-header X-Forwarded-Host %[req.fhdr(host)]
  http-request set-header X-Forwarded-Proto %[ssl_fc,iif(https,http)]
  http-request set-header X-Forwarded-Port %[dst_port]

${sites.map((site) => `  use_backend ${backendName(site)} if ${hostName(site)}\n`).join('')}
${sites.map(backendOf).join('\n')}`;
}

const nameOf = ({ app }: Site): string => app.name.replaceAll('-', '_');
const hostName = (site: Site): string => `host_${nameOf(site)}`;
const backendName = (site: Site): string => `app_${nameOf(site)}`;

/** Both spellings of each dash, at both ends of a name. */
const spellings = (text: string): string => text.replaceAll('-', '[-_]');
const strippedPatterns: readonly string[] = [
  ...STRIPPED_PREFIXES.map((prefix) => `^${spellings(prefix)}`),
  ...STRIPPED_NAMES.map((name) => `^${spellings(name)}$`),
  '^x[-_]forwarded[-_](for|host|proto|port)$',
];

/** A host without its port and final dot, in lower case: exact, or one more label. */
function hostAcl(site: Site): string {
  const patterns = site.app.hosts.map((host) =>
    host.startsWith('*.') ? `[^.:]+\\.${escaped(host.slice(2))}` : escaped(host),
  );
  return `  acl ${hostName(site)} req.fhdr(host),lower -m reg ^(${patterns.join('|')})\\.?(:[0-9]+)?$\n`;
}

const escaped = (text: string): string => text.replace(/[.[\]]/g, '\\$&');

function preflight(site: Site): string {
  const origins = (site.app.cors?.origins ?? []).join(' ');
  return `  # Preflights of pages (Fetch standard, section 3.2.2) are answered here; none reaches the application.
  http-request return status 204 hdr Access-Control-Allow-Origin "%[req.fhdr(origin)]" hdr Access-Control-Allow-Methods "${site.methods.join(', ')}" hdr Access-Control-Allow-Headers "%[req.fhdr(access-control-request-headers)]" hdr Access-Control-Max-Age ${corsAge(site.app)} hdr Vary Origin if ${hostName(site)} { method OPTIONS } { req.hdr(access-control-request-method) -m found } { req.fhdr(origin) -m str ${origins} }
`;
}

const tokenRule = (site: Site): string =>
  site.app.passToken ? '' : `  http-request del-header authorization if ${hostName(site)}\n`;

function backendOf(site: Site): string {
  const tls =
    site.upstream.protocol === 'https:'
      ? ` ssl verify required ca-file @system-ca sni str(${site.upstream.hostname}) verifyhost ${site.upstream.hostname}`
      : '';
  return `backend ${backendName(site)}
  server app ${hostAndPort(site.upstream)}${tls}
`;
}

/** The actions of `haproxy.cfg`, in Lua. They need HAProxy 2.6, and no library. */
export function haproxyLua({ service }: Plan): string {
  const { path } = service;
  const host = path === undefined && service.host.includes(':') ? `[${service.host}]` : service.host;
  const url = path === undefined ? `http://${host}:${service.port}/check` : 'http://entra-guard/check';
  return `-- Made by \`entra-guard policy config haproxy\`.
local URL = "${url}"
local DST = ${path === undefined ? 'nil' : `"unix@${path}"`}
-- Milliseconds. The service decides within 2 seconds. HAProxy 2.6 tries four times.
local TIMEOUT = 2500

-- Headers of one connection (RFC 9110 section 7.6.1), and what the question itself has.
local OWN = {
  ["connection"] = true, ["keep-alive"] = true, ["proxy-connection"] = true, ["te"] = true, ["trailer"] = true,
  ["transfer-encoding"] = true, ["upgrade"] = true, ["http2-settings"] = true, ["expect"] = true,
  ["content-length"] = true, ["host"] = true, ["date"] = true,
}
local KEPT = { ["close"] = true, ["keep-alive"] = true, ["upgrade"] = true }

-- What says where a request ends and whose it is belongs to no connection (RFC 9110 section 7.6.1).
local FRAMES = { ["content-length"] = true, ["transfer-encoding"] = true, ["host"] = true }

local function normal(name)
  return (name:lower():gsub("_", "-"))
end

-- Removes what Connection names, and the list.
core.register_action("entra_connection", { "http-req" }, function(txn)
  local lists = txn.http:req_get_headers()["connection"]
  if not lists then return end
  local upgrade = false
  for _, list in pairs(lists) do
    for token in list:gmatch("[^,%s]+") do
      local name = token:lower()
      if name == "upgrade" then upgrade = true end
      if FRAMES[name] then txn:set_var("txn.entra_unclear", true)
      elseif not KEPT[name] then txn.http:req_del_header(name) end
    end
  end
  txn.http:req_del_header("connection")
  if upgrade then txn.http:req_set_header("connection", "Upgrade") end
end, 0)

-- Asks. Whatever is not a 200 is answered here, and goes no further.
core.register_action("entra_guard", { "http-req" }, function(txn)
  local headers = {}
  for name, values in pairs(txn.http:req_get_headers()) do
    local plain = normal(name)
    if not OWN[name] and plain:sub(1, 12) ~= "x-forwarded-" and plain:sub(1, 8) ~= "x-entra-" then
      headers[name] = {}
      for _, value in pairs(values) do table.insert(headers[name], value) end
    end
  end
  local target = txn.sf:url()
  if txn.sf:req_ver() == "2.0" then target = txn.sf:pathq() end
  headers["x-forwarded-uri"] = { target }
  headers["x-forwarded-method"] = { txn.sf:method() }
  headers["x-forwarded-host"] = { txn.sf:req_fhdr("host") }
  headers["x-forwarded-for"] = { txn.sf:src() }
  headers["x-forwarded-proto"] = { txn.f:ssl_fc() == 1 and "https" or "http" }

  local asked, answer = pcall(function()
    return core.httpclient():get{ url = URL, dst = DST, headers = headers, timeout = TIMEOUT }
  end)
  if asked and answer and answer.status == 200 then
    for name, values in pairs(answer.headers or {}) do
      for _, value in pairs(values) do
        if name:lower() == "x-entra-assertion" then txn:set_var("txn.entra_assertion", value) end
        if name:lower() == "x-entra-cookie" then txn:set_var("txn.entra_cookie", value) end
      end
    end
    txn:set_var("txn.entra_ok", true)
    return
  end

  -- An answer of the service says what it is. Any other is one of HAProxy, or of what took its place: it can't be known.
  local reply = txn:reply()
  local kind = asked and answer and answer.headers and answer.headers["content-type"]
  if kind and kind[0] == "application/problem+json" and answer.status and answer.status >= 400 then
    reply:set_status(answer.status)
    for name, values in pairs(answer.headers) do
      if not OWN[name:lower()] then
        for _, value in pairs(values) do reply:add_header(name, value) end
      end
    end
    if txn.sf:method() ~= "HEAD" then reply:set_body(answer.body or "") end
  else
    reply:set_status(503)
    reply:add_header("cache-control", "no-store")
    reply:add_header("retry-after", "5")
  end
  txn:done(reply)
end, 0)
`;
}
