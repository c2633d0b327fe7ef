import { badRequest, missing } from './graph-error.js';
import { permissionTable, type RouteName } from './permission-table.js';

/** The path of a request below `/v1.0`. */
export interface GraphPath {
  readonly segments: readonly string[];
  /** The type that a collection is narrowed to: `group` for `…/memberOf/microsoft.graph.group`. */
  readonly cast: string | undefined;
}

/** A request that the local Graph answers, with what the path names. */
export interface RouteMatch {
  readonly name: RouteName;
  readonly params: Readonly<Record<string, string>>;
}

interface Route {
  readonly name: RouteName;
  readonly method: string;
  readonly parts: readonly string[];
}

const routes: readonly Route[] = (Object.keys(permissionTable) as RouteName[]).map((name) => {
  const [method = '', path = ''] = name.split(' ');
  return { name, method, parts: path.slice(1).split('/') };
});

const namespace = 'microsoft.graph.';
const casts = new Set(['group', 'user', 'servicePrincipal']);

/**
 * Takes a path apart. `users('id')`, `applications(appId='id')` and `microsoft.graph.delta()` are other forms of `users/id`,
 * `applications/appId=id` and `delta` (OData 4.01, URL conventions).
 *
 * @throws {GraphError} 400 for a path that can't be decoded, 501 for another version than v1.0
 */
export function readPath(pathname: string): GraphPath {
  const [version, ...rest] = pathname.slice(1).split('/');
  if (version !== 'v1.0') throw missing(`version "${version}". It has v1.0`);
  const segments = rest.filter((segment) => segment !== '').flatMap((segment) => partsOf(decoded(segment)));
  const last = segments.at(-1) ?? '';
  const cast = last.startsWith(namespace) ? last.slice(namespace.length) : undefined;
  if (cast !== undefined && casts.has(cast)) return { segments: segments.slice(0, -1), cast };
  return { segments: segments.map(withoutNamespace), cast: undefined };
}

/** Finds what answers a request. `/me/…` is matched as `/users/{me}/…`. */
export function findRoute(method: string, segments: readonly string[], me: string): RouteMatch | undefined {
  const own = segments[0] === 'me' && segments.length > 1 ? ['users', me, ...segments.slice(1)] : segments;
  for (const { name, method: wanted, parts } of routes) {
    if (wanted !== method || parts.length !== own.length) continue;
    const params = matched(parts, own);
    if (params !== undefined) return { name, params };
  }
  return undefined;
}

function matched(
  parts: readonly string[],
  segments: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const params: [string, string][] = [];
  for (const [index, part] of parts.entries()) {
    const segment = segments[index] ?? '';
    if (part.startsWith('{')) params.push([part.slice(1, -1), segment]);
    else if (part !== segment) return undefined;
  }
  return Object.fromEntries(params);
}

function partsOf(segment: string): readonly string[] {
  const [, name, inner] = /^([\w.]+)\((.*)\)$/.exec(segment) ?? [];
  if (name === undefined || inner === undefined) return [segment];
  return inner === '' ? [name] : [name, inner.replaceAll("'", '')];
}

function withoutNamespace(segment: string): string {
  return segment.startsWith(namespace) ? segment.slice(namespace.length) : segment;
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    throw badRequest(`The path segment '${segment}' can not be decoded.`, 'BadRequest');
  }
}
