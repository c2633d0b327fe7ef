import { PermissionError, RequestError } from '@entra-guard/core';
import type { PolicyApp, PolicyMatch, PolicyRequest, PolicyRule } from '../policy.js';
import { type HostTable } from './host.js';
import type { PatternSegment } from './pattern.js';
import { type PathReading, readRequestPath } from './request-path.js';
import type { RouteTable } from './route-table.js';

/** A rule in the table of its application. */
export interface RoutedRule {
  readonly rule: PolicyRule;
  readonly pattern: readonly PatternSegment[];
  readonly methods: PolicyRule['methods'];
}

/** What is behind a host. */
export interface HostedApp {
  readonly app: PolicyApp;
  readonly reading: PathReading;
  readonly table: RouteTable<RoutedRule>;
}

/** Finds the rule for a request. What is not clearly the request of a rule has none. */
export function matchRequest(hosts: HostTable<HostedApp>, request: PolicyRequest): PolicyMatch {
  const { host, method, path } = ownRequest(request);
  const hosted = hosts.find(host);
  if (hosted === undefined) return { app: undefined, error: unknownHost() };
  const { app, reading, table } = hosted;
  const { segments, reason } = readRequestPath(path, reading);
  if (segments === undefined) return { app, error: notCanonical(reason) };
  if (segments.some((segment) => table.isAmbiguous(segment))) {
    return { app, error: notCanonical('it spells a name in a rule in another way') };
  }
  const route = table.find(segments, method);
  if (route === undefined) return { app, error: noRule(app) };
  if (route.found === undefined) return { app, error: otherMethod(route.allow) };
  return { app, rule: route.found.rule };
}

/** Only own members: what other code put on `Object.prototype` is not a request. */
function ownRequest(request: PolicyRequest): PolicyRequest {
  const own = (name: keyof PolicyRequest): string => (Object.hasOwn(request, name) ? request[name] : '');
  return { host: own('host'), method: own('method'), path: own('path') };
}

function unknownHost(): RequestError {
  return new RequestError({
    code: 'host_not_known',
    message: 'Nothing is served under this host.',
    hint: 'Name the host in the policy: apps.<name>.host.',
  });
}

function notCanonical(reason: string): RequestError {
  return new RequestError({
    code: 'path_not_canonical',
    message: 'The path is not in its canonical form.',
    hint: `The path is refused because ${reason}. The client has to send it in the form of RFC 3986 section 6.2.2.`,
  });
}

function noRule({ name }: PolicyApp): PermissionError {
  return new PermissionError({
    code: 'no_requirement',
    message: 'No rule is there for this path, so that no caller may use it.',
    hint: `Add a rule to apps.${name}.rules of the policy.`,
  });
}

function otherMethod(allow: readonly string[]): RequestError {
  return new RequestError({
    code: 'method_not_allowed',
    message: 'The method is not allowed for this path.',
    hint: `Allowed are ${allow.join(', ')}. Other methods need a rule in the policy.`,
    allow,
  });
}
